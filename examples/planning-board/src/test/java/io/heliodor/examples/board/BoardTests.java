package io.heliodor.examples.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.event.Call;
import io.heliodor.event.CloseCode;
import io.heliodor.examples.board.Board.Add;
import io.heliodor.examples.board.Board.Change;
import io.heliodor.examples.board.Board.Cursor;
import io.heliodor.examples.board.Board.Move;
import io.heliodor.examples.board.Board.Point;
import io.heliodor.examples.board.Board.State;
import io.heliodor.examples.board.Board.User;
import io.heliodor.examples.board.Cards.Card;
import io.heliodor.examples.board.Cards.Column;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import io.heliodor.type.Type;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The board as its pages see it, and its cards in the database. */
class BoardTests {
    private static final User ANN = new User("Ann", true);
    private static final User BO = new User("Bo", false);
    private static final Card TEA = new Card(1, "Buy tea", Column.TODO);

    private final JdbcConnectionPool database = JdbcConnectionPool.create(
            PlanningBoard.DATABASE.replace("./board", "mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1"), "", "");

    private final PubSub pubsub = PubSub.local();

    private final Presence<User> presence = Presence.over(pubsub, User.class);

    private final Revocations revocations = Revocations.over(pubsub);

    private final Tokens<User> tokens = Tokens.of(User.class, "board")
            .secrets(Secret.of(Secret.fresh()))
            .revocable(revocations, User::name)
            .build();

    private final Board board = new Board(new Cards(database), presence, tokens, revocations);

    private final ChannelKit kit = ChannelKit.builder(board.socket())
            .pubsub(pubsub)
            .presence(presence)
            .limits(PlanningBoard.LIMITS)
            .start();

    @AfterEach
    void close() {
        kit.close();
        presence.close();
        revocations.close();
        pubsub.close();
        database.dispose();
    }

    private TestClient connect(User user) {
        return kit.request().authToken(tokens.sign(user)).connect();
    }

    private TestChannel join(User user) {
        return connect(user).join("board");
    }

    private static Add card(String title) {
        return new Add(UUID.randomUUID().toString(), title);
    }

    @Test
    void theTypesOfThePageAreThoseOfTheBoard() {
        ContractFiles.of(SocketContract.of("Board", board.socket()))
                .typeScript(Path.of("types/board.ts"))
                .checkOrWrite();
    }

    @Test
    void aUserWithoutATokenIsRefused() {
        assertThat(kit.connectRefused(Map.of())).isEqualTo(403);
    }

    @Test
    void aUserWithATokenOfAnotherSecretIsRefused() {
        Tokens<User> strange = Tokens.of(User.class, "board")
                .secrets(Secret.of(Secret.fresh()))
                .build();
        assertThat(kit.request().authToken(strange.sign(ANN)).refused().status())
                .isEqualTo(403);
    }

    @Test
    void anExpiredTokenIsRefused() {
        String expired = tokens.sign(ANN, Duration.ZERO);
        assertThat(kit.request().authToken(expired).refused().status()).isEqualTo(403);
    }

    @Test
    void aPageGetsItsUser() {
        assertThat(join(ANN).reply(State.class).me()).isEqualTo(ANN);
    }

    @Test
    void anAddedCardReachesEveryPage() {
        TestChannel ann = join(ANN);
        TestChannel bo = join(BO);
        assertThat(ann.call(Board.ADD, card("Buy tea"))).isEqualTo(TEA);
        for (TestChannel page : List.of(ann, bo)) {
            Change change = page.expect(Board.CHANGE);
            assertThat(change.card()).isEqualTo(TEA);
            assertThat(change.by()).isEqualTo(ANN);
        }
    }

    @Test
    void aCardThatIsAddedAgainAfterAReconnectIsOne() {
        TestClient away = connect(ANN);
        Add tea = card("Buy tea");
        assertThat(away.join("board").call(Board.ADD, tea)).isEqualTo(TEA);
        away.drop();
        assertThat(join(ANN).call(Board.ADD, tea)).isEqualTo(TEA);
        assertThat(join(BO).reply(State.class).cards()).containsExactly(TEA);
    }

    @Test
    void aTitleMustHaveACharacter() {
        var untyped = Call.of("add", new Type<Map<String, String>>() {}, Type.of(Card.class));
        assertThat(join(ANN).callRefused(untyped, Map.of("key", "k", "title", " ")))
                .isEqualTo(new Refusal.InvalidPayload("title", "must have 1 to 100 characters"));
    }

    @Test
    void aMovedCardReachesEveryPage() {
        TestChannel bo = join(BO);
        bo.call(Board.ADD, card("Buy tea"));
        Card moved = new Card(1, "Buy tea", Column.DOING);
        assertThat(bo.call(Board.MOVE, new Move(1, Column.DOING))).isEqualTo(moved);
        assertThat(bo.expect(Board.CHANGE).card()).isEqualTo(TEA);
        assertThat(bo.expect(Board.CHANGE).card()).isEqualTo(moved);
    }

    @Test
    void aCardThatDoesNotExistIsNotMoved() {
        TestChannel bo = join(BO);
        assertThat(bo.callError(Board.MOVE, new Move(7, Column.DONE)).reason()).isEqualTo("no such card");
        bo.expectNothing(Board.CHANGE);
    }

    @Test
    void aPageStartsWithTheOpenCardsAndTheLastChanges() {
        TestChannel ann = join(ANN);
        ann.call(Board.ADD, card("Buy tea"));
        ann.call(Board.ADD, card("Drink tea"));
        ann.call(Board.MOVE, new Move(1, Column.ARCHIVED));
        TestChannel bo = join(BO);
        State state = bo.reply(State.class);
        assertThat(state.cards()).containsExactly(new Card(2, "Drink tea", Column.TODO));
        assertThat(state.changes())
                .extracting(change -> change.added() + " " + change.card().title())
                .containsExactly("false Buy tea", "true Drink tea", "true Buy tea");
        bo.expectNothing(Board.CHANGE);
    }

    @Test
    void aPageThatComesBackGetsTheChangesThatItMissed() {
        TestChannel ann = join(ANN);
        TestClient away = connect(BO);
        TestChannel bo = away.join("board");
        away.drop();
        ann.call(Board.ADD, card("Buy tea"));
        TestChannel back = connect(BO).rejoin(bo);
        assertThat(back.recovered()).isTrue();
        assertThat(back.expect(Board.CHANGE).card()).isEqualTo(TEA);
    }

    @Test
    void everyUserIsPresentOnceWhateverTheNumberOfPages() {
        TestChannel ann = join(ANN);
        join(BO);
        TestChannel second = join(BO);
        assertThat(ann.presence(User.class)).isEqualTo(Map.of("Ann", List.of(ANN), "Bo", List.of(BO, BO)));
        second.client().drop();
        assertThat(ann.presence(User.class)).isEqualTo(Map.of("Ann", List.of(ANN), "Bo", List.of(BO)));
    }

    @Test
    void aCursorReachesTheOtherPagesUnderTheNameOfItsUser() {
        TestChannel ann = join(ANN);
        TestChannel bo = join(BO);
        bo.push(Board.POINT, new Point(0.25, 0.5));
        assertThat(ann.expect(Board.CURSOR)).isEqualTo(new Cursor(BO, new Point(0.25, 0.5)));
        bo.expectNothing(Board.CURSOR);
    }

    @Test
    void theRateCountsForAllPagesOfAUserAndForEachUserAlone() {
        TestChannel first = join(BO);
        TestChannel second = join(BO);
        for (int i = 0; i < 9; i++) { // each join has taken one of 20
            first.call(Board.ADD, card("Buy tea"));
            second.call(Board.ADD, card("Buy tea"));
        }
        assertThat(first.callRefused(Board.ADD, card("Buy tea")).reason()).isEqualTo("rate_limited");
        assertThat(second.callRefused(Board.ADD, card("Buy tea")).reason()).isEqualTo("rate_limited");
        assertThat(join(ANN).call(Board.ADD, card("Buy tea")).id()).isEqualTo(19);
        kit.advance(Duration.ofMillis(50));
        assertThat(second.call(Board.ADD, card("Buy tea")).id()).isEqualTo(20);
    }

    @Test
    void theOwnerKicksAUserFromAllPages() {
        TestChannel ann = join(ANN);
        TestClient first = connect(BO);
        TestClient second = connect(BO);
        ann.call(Board.KICK, BO);
        for (TestClient page : List.of(first, second)) {
            assertThat(page.expect(Board.KICKED)).isEqualTo(ANN);
            assertThat(page.expectClose()).isEqualTo(CloseCode.FORBIDDEN.code());
        }
    }

    @Test
    void aKickedUserDoesNotComeBack() {
        String token = tokens.sign(BO);
        join(ANN).call(Board.KICK, BO);
        assertThat(kit.request().authToken(token).refused().status()).isEqualTo(403);
    }

    @Test
    void aUserWhoIsNotTheOwnerKicksNoUser() {
        TestChannel ann = join(ANN);
        assertThat(join(BO).callError(Board.KICK, ANN).reason()).isEqualTo("not the owner");
        assertThat(ann.call(Board.ADD, card("Buy tea"))).isEqualTo(TEA);
    }

    @Test
    void aDatabaseThatFailsRefusesAndEndsNoPage() throws SQLException {
        TestChannel bo = join(BO);
        try (Connection connection = database.getConnection()) {
            connection.createStatement().execute("ALTER TABLE cards DROP COLUMN title");
        }
        assertThat(bo.callRefused(Board.ADD, card("Buy tea")).reason()).isEqualTo("unavailable");
        bo.expectNothing(Board.CHANGE);
    }

    @Test
    void everythingThatAPageSendsHasAHandler() {
        ChannelKit.expectHandled(
                new Board(new Cards(database), presence, tokens, revocations).channel(),
                Board.class,
                Board.CHANGE,
                Board.CURSOR,
                Board.KICKED);
    }

    @Test
    void aDrainClosesEveryPage() {
        TestClient ann = connect(ANN);
        ann.join("board");
        kit.drain();
        assertThat(ann.expectClose()).isEqualTo(CloseCode.GOING_AWAY.code());
    }
}
