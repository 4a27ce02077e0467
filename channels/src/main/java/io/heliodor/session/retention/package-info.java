/** The histories of topics: what their members missed, their memory, and their logs for other nodes. */
package io.heliodor.session.retention;
