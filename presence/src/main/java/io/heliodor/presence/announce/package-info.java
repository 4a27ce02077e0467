/** How presence speaks to what carries it to clients: states for one owner, diffs for all. */
package io.heliodor.presence.announce;
