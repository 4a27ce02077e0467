package com.example.board;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.board.Board.Add;
import com.example.board.Board.Card;
import com.example.board.Board.Change;
import com.example.board.Board.Column;
import com.example.board.Board.Enter;
import com.example.board.Board.Move;
import com.example.board.Board.MoveError;
import com.example.board.Board.Online;
import com.example.board.Board.State;
import io.heliodor.channel.UserSocket;
import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The board as its pages see it, without a network. */
class BoardTests {
    private static final Card TEA = new Card(0, "Buy tea", Column.TODO);
    private static final Card TEA_DONE = new Card(0, "Buy tea", Column.DONE);
    private static final Move DONE = new Move(0, Column.TODO, Column.DONE);

    private final PubSub pubsub = PubSub.local();
    private final Presence<Online> presence = Presence.over(pubsub, Online.class);
    private final UserSocket<Object> socket = new Board(presence).socket();

    @AutoClose
    private final ChannelKit kit =
            ChannelKit.builder(socket).pubsub(pubsub).presence(presence).start();

    private TestChannel join(String name) {
        return kit.connect().join("board", new Enter(name));
    }

    /** Writes the types instead, with {@code mvn test -Dheliodor.write=contract}. */
    @Test
    void theTypesOfThePageAreThoseOfTheServer() {
        ContractFiles.of(SocketContract.of("Board", socket))
                .typeScript(Path.of("types/board.ts"))
                .checkOrWrite();
    }

    @Test
    void aCardReachesThePagesThatAreThereAndThoseThatComeLater() {
        TestChannel ann = join("Ann");
        TestChannel bo = join("Bo");
        assertThat(ann.call(Board.ADD, new Add("Buy tea"))).isEqualTo(TEA);
        assertThat(bo.expect(Board.CHANGE)).isEqualTo(new Change(TEA, "Ann"));
        assertThat(join("Cy").reply(State.class).cards()).containsExactly(TEA);
    }

    @Test
    void theSecondOfTwoMovesOfACardFailsWithTheFirst() {
        TestChannel ann = join("Ann");
        TestChannel bo = join("Bo");
        ann.call(Board.ADD, new Add("Buy tea"));
        assertThat(bo.call(Board.MOVE, DONE)).isEqualTo(TEA_DONE);
        assertThat(ann.callError(Board.MOVE, DONE)).isEqualTo(new MoveError.AlreadyMoved(TEA_DONE, "Bo"));
    }

    @Test
    void aCardThatDoesNotExistIsNotMoved() {
        assertThat(join("Ann").callError(Board.MOVE, DONE)).isEqualTo(new MoveError.UnknownCard(0));
    }

    @Test
    void aPageThatComesBackGetsTheChangesThatItMissed() {
        TestChannel ann = join("Ann");
        TestClient away = kit.connect();
        TestChannel bo = away.join("board", new Enter("Bo"));
        away.drop();
        ann.call(Board.ADD, new Add("Buy tea"));
        TestChannel back = kit.connect().rejoin(bo);
        assertThat(back.recovered()).isTrue();
        assertThat(back.expect(Board.CHANGE)).isEqualTo(new Change(TEA, "Ann"));
    }

    @Test
    void aUserIsPresentUntilTheConnectionIsLost() {
        TestChannel ann = join("Ann");
        TestChannel bo = join("Bo");
        assertThat(ann.presence()).containsOnlyKeys("Ann", "Bo");
        bo.client().drop();
        assertThat(ann.presence()).containsOnlyKeys("Ann");
    }
}
