/** The announcements of presence to clients: states for single owners, diffs for all members of a topic. */
package io.heliodor.presence.announce;
