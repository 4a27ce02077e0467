/** Calls that are executed once: the claims, copies and answers of their keys, on all nodes. */
package io.heliodor.session.once;
