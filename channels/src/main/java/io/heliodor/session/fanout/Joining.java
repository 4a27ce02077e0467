package io.heliodor.session.fanout;

import io.heliodor.channel.History;
import io.heliodor.history.ResumeToken;
import java.util.Optional;

/**
 * A channel that joins.
 *
 * @param member the channel
 * @param kind what it shares with some of the topic's members
 * @param kept what its channel keeps of a topic
 * @param since its last history token, if any
 */
public record Joining(Member member, Members.Kind kind, Optional<History> kept, Optional<ResumeToken> since) {}
