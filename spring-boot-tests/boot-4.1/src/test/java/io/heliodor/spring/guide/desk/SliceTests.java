package io.heliodor.spring.guide.desk;

import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.verify;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.node.Node;
import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import io.heliodor.spring.test.ChannelTest;
import io.heliodor.spring.test.TestJwt;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** The beans, the kits and the users of a slice. */
class SliceTests {
    record Wire(long ticket_id, String agent) {}

    private static TestClient connect(ChannelKit kit, String user) {
        return kit.request().authToken(TestJwt.of(user, "agent")).connect();
    }

    @Nested
    @ChannelTest(
            value = DeskChannels.class,
            properties = {"heliodor.cluster.name=a@127.0.0.1", "heliodor.port=1"})
    class OfOneClass {
        @Autowired
        private ApplicationContext context;

        @Autowired
        private ChannelKit kit;

        @MockitoBean
        private Assignments assignments;

        @Test
        void hasItsChannelsAndTheSettingsOfAll() {
            assertThat(context.getBeansOfType(DeskChannels.class)).hasSize(1);
            assertThat(context.getBeansOfType(DeskSettings.class)).hasSize(1);
            for (Class<?> other : List.of(
                    LobbyChannels.class,
                    Greeter.class,
                    DeskSecurity.class,
                    DataSource.class,
                    Endpoint.class,
                    Node.class)) {
                assertThat(context.getBeansOfType(other)).as(other.getName()).isEmpty();
            }
            assertThat(connect(kit, "ann").joinRefused("lobby").reason()).isEqualTo("unmatched topic");
        }

        @Test
        void hasTheNamesOfTheJsonMapper() {
            connect(kit, "ann").join("desk").call(Call.of("assign", Wire.class, Empty.class), new Wire(7, "ann"));
            verify(assignments).assign(new Ticket(7, "ann"));
        }

        @Test
        void hasTheExceptionsOfTheSocket() {
            Ticket closed = new Ticket(8, "ann");
            doThrow(new IllegalStateException("it is closed")).when(assignments).assign(closed);
            assertThat(connect(kit, "ann")
                            .join("desk")
                            .callRefused(ASSIGN, closed)
                            .reason())
                    .isEqualTo("closed");
        }

        @Test
        void refusesTokensThatItDidNotMake() {
            assertThat(kit.connectRefused(Map.of())).isEqualTo(401);
            assertThat(kit.request().authToken("a.b.c").refused().status()).isEqualTo(401);
            assertThat(kit.request()
                            .authToken(TestJwt.of("ann") + "x")
                            .refused()
                            .status())
                    .isEqualTo(401);
        }

        @Test
        void hasTheTimeOfTheKit(@Autowired Clock clock) {
            String token =
                    TestJwt.of(Map.of("sub", "ann", "exp", clock.instant().plusSeconds(300)));
            TestClient ann = kit.request().authToken(token).connect();
            kit.advance(Duration.ofMinutes(6));
            assertThat(ann.expectClose()).isEqualTo(1008);
            assertThat(kit.request().authToken(token).refused().text()).isEqualTo("expired");
        }
    }

    @Nested
    @ChannelTest
    @Import(Greeter.class)
    class OfAllClasses {
        @Autowired
        private ChannelKit kit;

        @MockitoBean
        private Assignments assignments;

        @Test
        void hasAllChannelsAndTheLimits() {
            TestClient ann = connect(kit, "ann");
            TestChannel lobby = ann.join("lobby");
            assertThat(lobby.reply(LobbyChannels.Greeting.class).text()).isEqualTo("welcome");
            assertThat(ann.joinRefused("desk").reason()).isEqualTo("too many channels joined");
            connect(kit, "ben").join("desk");
        }
    }

    @Nested
    @ChannelTest(
            includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Greeter.class),
            excludeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = DeskChannels.class))
    class OfFilters {
        @Autowired
        private ChannelKit kit;

        @Test
        void hasTheClassesThatTheyTake() {
            assertThat(connect(kit, "ann")
                            .join("lobby")
                            .reply(LobbyChannels.Greeting.class)
                            .text())
                    .isEqualTo("welcome");
            assertThat(connect(kit, "ben").joinRefused("desk").reason()).isEqualTo("unmatched topic");
        }
    }

    @Nested
    @ChannelTest(DeskChannels.class)
    @TestInstance(Lifecycle.PER_CLASS)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    class OneAfterTheOther {
        private final List<String> left = new CopyOnWriteArrayList<>();
        private final Set<ChannelKit> kits = new HashSet<>();

        @Autowired
        private ChannelKit kit;

        @MockitoBean
        private Assignments assignments;

        @Test
        @Order(1)
        void aFirstTestLeavesAClient() {
            doAnswer(call -> left.add(call.getArgument(0))).when(assignments).left(anyString());
            connect(kit, "ann").join("desk");
            kits.add(kit);
        }

        @Test
        @Order(2)
        void aSecondOneHasAKitOfItsOwnAndTheMocksSawTheEndOfTheFirst() {
            assertThat(left).containsExactly("ann");
            assertThat(kits).doesNotContain(kit);
            connect(kit, "ben").join("desk").call(ASSIGN, new Ticket(7, "ben"));
        }
    }
}
