package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Empty;
import io.heliodor.limit.Rate;

/** {@code limited:*}: an echo with a limit of ten messages a second. */
final class LimitedChannel {
    private LimitedChannel() {}

    static Channel<Object, Empty> channel() {
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .answer(RoomChannel.ECHO, (payload, room) -> Reply.ok(payload))
                .sends()
                .messageRate(Rate.perSecond(10).burst(10))
                .build();
    }
}
