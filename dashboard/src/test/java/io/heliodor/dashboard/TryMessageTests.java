package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The sockets and the permission that the page gets for messages of operators as clients. */
@Timeout(60)
class TryMessageTests {
    private static final String TOKEN = "a-token-for-these-tests";
    private static final Call<Order, Empty, Reason> ORDER = Call.of("order", Order.class, Empty.class);

    record Order(String itemName, int count) {}

    record ByHand(String socket, String topic, String event) {}

    private final PubSub pubsub = PubSub.local();
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        pubsub.close();
    }

    private <C extends AutoCloseable> C closing(C closeable) {
        open.add(closeable);
        return closeable;
    }

    private static UserSocket<Object> shop() {
        return UserSocket.open()
                .channel(
                        "order:*",
                        Channel.join(_ -> Join.ok(Empty.EMPTY))
                                .answer(ORDER, (_, _) -> Reply.ok())
                                .build())
                .build();
    }

    /** The page of an endpoint with further settings. */
    private TestChannel page(boolean actions, UnaryOperator<Endpoint.Builder> settings) {
        Dashboard.Builder builder = Dashboard.over(pubsub).token(TOKEN);
        Dashboard dashboard = closing((actions ? builder.actions() : builder).build());
        closing(settings.apply(dashboard.mountOn(
                        Endpoint.builder().host("127.0.0.1").port(0).pubsub(pubsub)))
                .build()
                .start());
        ChannelKit kit = closing(
                ChannelKit.builder(dashboard.channel().socket()).pubsub(pubsub).start());
        return kit.request().authToken(TOKEN).connect().join(PageSettings.TOPIC);
    }

    private static Sockets sockets(TestChannel page) {
        return page.call(DashboardChannel.SOCKETS, Empty.EMPTY);
    }

    private static JsonNode contract(SocketRow row) {
        return new JsonMapper().readTree(new String(row.contract().orElseThrow().json(), UTF_8));
    }

    private static List<String> audited() {
        String begin = " dashboard_action node=\"local\" ";
        return RecordedLog.lines().stream()
                .filter(line -> line.logger().equals("io.heliodor.audit"))
                .map(RecordedLog.Line::text)
                .filter(text -> text.contains(begin))
                .map(text -> text.substring(text.indexOf(begin) + begin.length()))
                .toList();
    }

    @Test
    void thePageGetsTheContractOfEachSocketButItsOwn() {
        TestChannel page = page(
                true,
                endpoint -> endpoint.socket("/shop", shop())
                        .socket("/other", shop())
                        .managementSocket("/operators", shop()));
        Sockets sockets = sockets(page);
        assertThat(sockets.sockets()).extracting(SocketRow::path).containsExactly("/shop", "/other", "/operators");
        assertThat(sockets.sockets()).allMatch(SocketRow::reachable);
        assertThat(sockets.more()).isFalse();
        JsonNode shop = contract(sockets.sockets().getFirst());
        JsonNode channel = shop.get("channels").get(0);
        assertThat(channel.get("topic").asString()).isEqualTo("order:*");
        assertThat(channel.get("calls").get(0).get("name").asString()).isEqualTo("order");
        assertThat(shop.get("types").get("Order").get("properties").propertyNames())
                .containsExactly("itemName", "count");
    }

    @Test
    void theContractHasTheNamesOfTheEndpointsMapper() {
        JsonMapper snake = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        TestChannel page = page(true, endpoint -> endpoint.json(snake).socket("/shop", shop()));
        assertThat(contract(sockets(page).sockets().getFirst())
                        .get("types")
                        .get("Order")
                        .get("properties")
                        .propertyNames())
                .containsExactly("item_name", "count");
    }

    @Test
    void eachMessageIsAuditedBeforeItIsSent() {
        TestChannel page = page(true, endpoint -> endpoint.socket("/shop", shop()));
        page.call(DashboardChannel.TRY_MESSAGE, new MessageTarget("/shop", "order:1", "phx_join"));
        page.call(DashboardChannel.TRY_MESSAGE, new MessageTarget("/shop", "order:1", "order"));
        assertThat(page.callError(DashboardChannel.TRY_MESSAGE, new MessageTarget("/dashboard/socket", "t", "order"))
                        .reason())
                .isEqualTo("not_found");
        assertThat(audited())
                .containsExactly(
                        "address=\"127.0.0.1\" action=\"try_message\" result=\"ok\" socket=\"/shop\" topic=\"order:1\""
                                + " frame=\"phx_join\"",
                        "address=\"127.0.0.1\" action=\"try_message\" result=\"ok\" socket=\"/shop\" topic=\"order:1\""
                                + " frame=\"order\"",
                        "address=\"127.0.0.1\" action=\"try_message\" result=\"not_found\" socket=\"/dashboard/socket\""
                                + " topic=\"t\" frame=\"order\"");
    }

    @Test
    void withoutTheSwitchThePageGetsNeitherContractsNorThePermission() {
        TestChannel page = page(false, endpoint -> endpoint.socket("/shop", shop()));
        assertThat(page.callError(DashboardChannel.SOCKETS, Empty.EMPTY).reason())
                .isEqualTo("off");
        assertThat(page.callError(DashboardChannel.TRY_MESSAGE, new MessageTarget("/shop", "order:1", "phx_join"))
                        .reason())
                .isEqualTo("off");
        assertThat(audited())
                .containsExactly("address=\"127.0.0.1\" action=\"try_message\" result=\"off\" socket=\"/shop\""
                        + " topic=\"order:1\" frame=\"phx_join\"");
    }

    @Test
    void withAManagementAddressOnlyManagementSocketsAreReached() {
        TestChannel page = page(
                true,
                endpoint -> endpoint.management("127.0.0.1", 0)
                        .socket("/shop", shop())
                        .managementSocket("/operators", shop()));
        List<SocketRow> rows = sockets(page).sockets();
        assertThat(rows).extracting(SocketRow::path).containsExactly("/shop", "/operators");
        assertThat(rows).extracting(SocketRow::reachable).containsExactly(false, true);
        assertThat(rows.getFirst().contract()).isEmpty();
        assertThat(rows.getLast().contract()).isPresent();
        assertThat(page.callError(DashboardChannel.TRY_MESSAGE, new MessageTarget("/shop", "order:1", "order"))
                        .reason())
                .isEqualTo("not_found");
    }

    @Test
    void aSocketOfAnotherEndpointIsNotListed() {
        TestChannel page = page(true, endpoint -> endpoint.socket("/shop", shop()));
        closing(Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .pubsub(pubsub)
                .socket("/elsewhere", shop())
                .build());
        assertThat(sockets(page).sockets()).extracting(SocketRow::path).containsExactly("/shop");
    }

    private SocketRow row(UserSocket<?> socket) {
        return sockets(page(true, endpoint -> endpoint.socket("/socket", socket)))
                .sockets()
                .getFirst();
    }

    @Test
    void aContractThatCannotBeReadHasAReason() {
        Channel<Object, Empty> room = Channel.join(_ -> Join.ok(Empty.EMPTY)).build();
        SocketRow row = row(UserSocket.open()
                .channel("room:*", room)
                .sends(Event.of("run", Runnable.class))
                .build());
        assertThat(row.contract()).isEmpty();
        assertThat(row.problem()).contains("java.lang.Runnable");
    }

    @Test
    void aChannelThatDeclaresItsHistoryAloneHasAContract() {
        Channel<Object, Empty> kept = Channel.join(_ -> Join.ok(Empty.EMPTY))
                .history(History.of(10, Duration.ofMinutes(1), Event.of("kept", Raw.class)))
                .build();
        SocketRow row = row(UserSocket.open().channel("kept:*", kept).build());
        assertThat(row.contract()).isPresent();
        assertThat(row.problem()).isEmpty();
    }

    @Test
    void theReplyIsBounded() {
        UserSocket<Object> large = large();
        TestChannel page = page(true, endpoint -> {
            for (int i = 0; i < PageSockets.MAX_SOCKETS + 1; i++) {
                endpoint.socket("/socket-%02d".formatted(i), i < 3 ? large : shop());
            }
            return endpoint;
        });
        Sockets sockets = sockets(page);
        assertThat(sockets.sockets()).hasSize(PageSockets.MAX_SOCKETS);
        assertThat(sockets.more()).isTrue();
        List<SocketRow> withContract = sockets.sockets().stream()
                .filter(row -> row.contract().isPresent())
                .toList();
        assertThat(withContract).hasSize(PageSockets.MAX_SOCKETS - 1);
        assertThat(withContract.stream()
                        .mapToInt(row -> row.contract().orElseThrow().length())
                        .sum())
                .isLessThanOrEqualTo(PageSockets.MAX_CONTRACT_BYTES);
        assertThat(sockets.sockets().get(2).problem()).isEqualTo("it is larger than the page takes");
    }

    /** A socket whose contract is more than a third of the bound, so that three do not fit. */
    private static UserSocket<Object> large() {
        Channel<Object, Empty> channel = Channel.join(_ -> Join.ok(Empty.EMPTY)).build();
        UserSocket.Builder<Object> socket = UserSocket.open();
        for (int i = 0; i < 1_000; i++) {
            socket.channel("topic-%04d-%s:*".formatted(i, "x".repeat(200)), channel);
        }
        return socket.build();
    }

    @Test
    void aTargetThatIsTooLongIsRefused() {
        TestChannel page = page(true, endpoint -> endpoint.socket("/shop", shop()));
        Call<ByHand, Empty, Reason> byHand = Call.of("try_message", ByHand.class, Empty.class);
        String tooLong = "x".repeat(256);
        for (ByHand target : List.of(
                new ByHand(tooLong, "t", "e"), new ByHand("/shop", tooLong, "e"), new ByHand("/shop", "t", tooLong))) {
            assertThat(page.callRefused(byHand, target).reason()).isEqualTo("invalid_payload");
        }
        assertThat(audited()).isEmpty();
    }
}
