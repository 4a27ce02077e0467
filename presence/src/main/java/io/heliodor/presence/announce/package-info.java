/**
 * The announcements of presence to clients: states for single owners, diffs for all members of a topic.
 *
 * <p>They are values. The module {@code channels} encodes them as JSON ({@code PresenceJson}), broadcasts diffs ({@code Hub}) and pushes
 * states ({@code ChannelContext}).
 */
package io.heliodor.presence.announce;
