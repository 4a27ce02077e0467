package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.UserSocket;
import io.heliodor.playground.NotesChannel.Member;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The contract of the playground for {@code notes:*}. */
class NotesChannelTests {
    @AutoClose
    private final ChannelKit kit = ChannelKit.start(
            UserSocket.open().channel("notes:*", NotesChannel.channel()).build());

    @Test
    void eachCopyOfANoteNamesItsReceiver() {
        TestChannel ann = kit.connect().join("notes:1", new Member("ann"));
        TestChannel bo = kit.connect().join("notes:1", new Member("bo"));
        ann.push(NotesChannel.NOTE, Map.of("text", "milk"));
        assertThat(ann.expect(NotesChannel.NOTE)).isEqualTo(Map.of("text", "milk", "for", "ann"));
        assertThat(bo.expect(NotesChannel.NOTE)).isEqualTo(Map.of("text", "milk", "for", "bo"));
        ann.expectNothing();
    }

    @Test
    void aJoinWithoutAUserIsRefused() {
        assertThat(kit.connect().joinRefused("notes:1").reason()).isEqualTo("invalid_payload");
    }

    @Test
    void eachEventOfAClientHasAHandler() {
        ChannelKit.expectHandled(NotesChannel.channel(), NotesChannel.class);
    }
}
