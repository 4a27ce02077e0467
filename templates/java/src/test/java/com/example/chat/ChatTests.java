package com.example.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.chat.Chat.Enter;
import com.example.chat.Chat.Message;
import com.example.chat.Chat.Online;
import com.example.chat.Chat.Say;
import io.heliodor.channel.UserSocket;
import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The chat as its pages see it, without a network. */
class ChatTests {
    private final PubSub pubsub = PubSub.local();
    private final Presence<Online> presence = Presence.over(pubsub, Online.class);
    private final UserSocket<Object> socket = new Chat(presence).socket();

    @AutoClose
    private final ChannelKit kit =
            ChannelKit.builder(socket).pubsub(pubsub).presence(presence).start();

    private TestChannel join(String name) {
        return kit.connect().join("room:lobby", new Enter(name));
    }

    /** Writes the types instead, with {@code mvn test -Dheliodor.write=contract}. */
    @Test
    void theTypesOfThePageAreThoseOfTheServer() {
        ContractFiles.of(SocketContract.of("Chat", socket))
                .typeScript(Path.of("types/chat.ts"))
                .checkOrWrite();
    }

    @Test
    void aMessageReachesTheOthersUnderTheNameOfItsSender() {
        TestChannel ann = join("Ann");
        TestChannel bo = join("Bo");
        ann.push(Chat.SAY, new Say("Hello Bo"));
        Message message = bo.expect(Chat.MESSAGE);
        assertThat(message.from()).isEqualTo("Ann");
        assertThat(message.text()).isEqualTo("Hello Bo");
    }

    @Test
    void aNameMustHaveACharacter() {
        assertThat(kit.connect().joinRefused("room:lobby", Map.of("name", " ")))
                .isEqualTo(new Refusal.InvalidPayload("name", "must have 1 to 30 characters"));
    }

    @Test
    void aUserIsPresentUntilTheConnectionIsLost() {
        TestChannel ann = join("Ann");
        TestChannel bo = join("Bo");
        assertThat(ann.presence()).containsOnlyKeys("Ann", "Bo");
        bo.client().drop();
        assertThat(ann.presence()).containsOnlyKeys("Ann");
    }

    @Test
    void aPageThatComesBackGetsTheMessagesThatItMissed() {
        TestChannel ann = join("Ann");
        TestClient away = kit.connect();
        TestChannel bo = away.join("room:lobby", new Enter("Bo"));
        away.drop();
        ann.push(Chat.SAY, new Say("Are you there?"));
        ann.expect(Chat.MESSAGE);
        TestChannel back = kit.connect().rejoin(bo);
        assertThat(back.recovered()).isTrue();
        assertThat(back.expect(Chat.MESSAGE).text()).isEqualTo("Are you there?");
    }
}
