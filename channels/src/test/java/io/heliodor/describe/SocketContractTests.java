package io.heliodor.describe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Contracts of sockets, and their documents. */
class SocketContractTests {
    enum Level {
        LOW,
        HIGH
    }

    record Enter(Optional<String> user) {}

    record Here(String nodeName) {}

    record Ticket(long id, Level level, Optional<String> note) {}

    record Sold(int left) {}

    record Online(String ticket) {}

    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Dot() implements Shape {}

    private static final Event<Ticket> ASSIGNED = Event.of("assigned", Ticket.class);
    private static final Event<Ticket> EDIT = Event.of("edit", Ticket.class);
    private static final Event<Shape> DRAWN = Event.of("drawn", Shape.class);
    private static final Event<Raw> NOTE = Event.of("note it", Raw.class);
    private static final Event<ByteBuffer> BYTES = Event.of("note it", ByteBuffer.class);
    private static final Call<Ticket, Empty, Reason> CLOSE =
            Call.of("close", Ticket.class, Empty.class).refusing("open_tasks", "closed");
    private static final Call<Empty, Sold, Sold> BUY =
            Call.of("buy", Empty.class, Sold.class).failingWith(Sold.class);
    private static final Event<Here> MOVED = Event.of("moved", Here.class);

    private static UserSocket<Object> socket() {
        Channel<Object, ?> ticket = Channel.join(Enter.class, (enter, join) -> Join.ok(Empty.EMPTY, new Here("a")))
                .authorize((socket, topic) -> true)
                .on(EDIT, (edit, in) -> NoReply.none())
                .on(NOTE, (note, in) -> NoReply.none())
                .on(BYTES, (note, in) -> NoReply.none())
                .answer(CLOSE, (close, in) -> Reply.ok())
                .answer(BUY, (buy, in) -> Reply.ok(new Sold(1)))
                .history(History.of(10, Duration.ofMinutes(1), ASSIGNED))
                .joinReply(Here.class)
                .refuses("full")
                .sends(DRAWN, NOTE, BYTES)
                .presence(Online.class)
                .follows("agents", Online.class)
                .followsCount("viewers")
                .pushTopics("doc:*")
                .key("id")
                .build();
        Channel<Object, ?> plain = Channel.join(join -> Join.ok(Empty.EMPTY)).build();
        return UserSocket.connect(connect -> Connect.<Object>ok(Empty.EMPTY, "a"))
                .channel("ticket:*", ticket)
                .channel("ticket:vip:*", plain)
                .channel("ticket:all", plain)
                .channel("t*", plain)
                .channel("a", plain)
                .onRefresh((token, in) -> Connect.ok(Empty.EMPTY))
                .sends(MOVED)
                .build();
    }

    @Test
    void channelsStandInTheOrderInWhichTopicsAreMatched() {
        assertThat(SocketContract.of("Desk", socket()).channels().stream().map(ChannelContract::pattern))
                .containsExactly("a", "ticket:all", "ticket:vip:*", "ticket:*", "t*");
    }

    @Test
    void theTypesOfClients() {
        assertThat(SocketContract.of("Desk", socket()).typeScript()).isEqualTo("""
                        // Made by Heliodor from the channels of the server; do not edit.
                        type Empty = { [key: string]: never };
                        type Json = { [key: string]: unknown };
                        type Circle = { radius: number };
                        type Dot = Empty;
                        type Enter = { user?: string | null };
                        type Here = { nodeName: string };
                        type Level = "LOW" | "HIGH";
                        type Online = { ticket: string };
                        type Reason = { reason: string };
                        type Shape = { type: "Circle" } & Circle | { type: "Dot" };
                        type Sold = { left: number };
                        type Ticket = { id: number; level: Level; note: string | null };
                        type TicketInput = { id: number; level: Level; note?: string | null };

                        export type Desk = {
                          /** In the order in which topics are matched. */
                          channels: [
                            {
                              topic: "a";
                              history: false;
                              join: { payload: Empty; reply: Empty; error: Reason };
                              pushes: {};
                              calls: {};
                              events: {};
                              presence: {};
                              counts: {};
                            },
                            {
                              topic: "ticket:all";
                              history: false;
                              join: { payload: Empty; reply: Empty; error: Reason };
                              pushes: {};
                              calls: {};
                              events: {};
                              presence: {};
                              counts: {};
                            },
                            {
                              topic: `ticket:vip:${string}`;
                              history: false;
                              join: { payload: Empty; reply: Empty; error: Reason };
                              pushes: {};
                              calls: {};
                              events: {};
                              presence: {};
                              counts: {};
                            },
                            {
                              topic: `ticket:${string}`;
                              history: true;
                              join: { payload: Enter; reply: Here; error: { reason: "full" } };
                              pushes: { edit: TicketInput; "note it": object | ArrayBuffer };
                              calls: {
                                buy: { request: Empty; reply: Sold; error: Sold };
                                close: { request: TicketInput; reply: Empty; error: { reason: "closed" | "open_tasks" } };
                              };
                              events: { assigned: Ticket; drawn: Shape; "note it": Json | ArrayBuffer };
                              presence: { agents: Online; presence: Online };
                              counts: { viewers: number };
                            },
                            {
                              topic: `t${string}`;
                              history: false;
                              join: { payload: Empty; reply: Empty; error: Reason };
                              pushes: {};
                              calls: {};
                              events: {};
                              presence: {};
                              counts: {};
                            },
                          ];
                          /** Events under the topic "phoenix". */
                          messages: { moved: Here };
                          types: { Circle: Circle; Dot: Dot; Enter: Enter; Here: Here; Level: Level; Online: Online; Reason: Reason; \
                        Shape: Shape; Sold: Sold; Ticket: Ticket; TicketInput: TicketInput };
                        };
                        """);
    }

    @Test
    void theModel() {
        JsonNode json =
                new JsonMapper().readTree(SocketContract.of("Desk", socket()).json());
        JsonNode ticket = json.get("channels").get(3);
        assertThat(ticket.get("topic").asString()).isEqualTo("ticket:*");
        assertThat(ticket.get("key").asString()).isEqualTo("id");
        assertThat(ticket.get("join"))
                .hasToString("{\"payload\":{\"$ref\":\"#/types/Enter\"},\"reply\":{\"$ref\":\"#/types/Here\"},"
                        + "\"error\":{\"$ref\":\"#/types/Reason\"},\"reasons\":[\"full\"],\"authorized\":true}");
        assertThat(ticket.get("sends")
                        .valueStream()
                        .map(event -> event.get("name").asString()))
                .containsExactly("assigned", "drawn", "note it", "note it");
        assertThat(ticket.get("sends").get(3).get("payload"))
                .hasToString("{\"type\":\"string\",\"format\":\"binary\"}");
        assertThat(ticket.get("history"))
                .hasToString("{\"maxBroadcasts\":10,\"maxAge\":\"PT1M\",\"events\":[\"assigned\"]}");
        assertThat(json.get("types").get("TicketInput"))
                .hasToString("{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\",\"format\":\"int64\"},"
                        + "\"level\":{\"$ref\":\"#/types/Level\"},\"note\":{\"type\":[\"string\",\"null\"]}},"
                        + "\"required\":[\"id\",\"level\"]}");
        assertThat(json.get("types").get("Shape").get("oneOf").get(0))
                .hasToString(
                        "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\",\"enum\":[\"Circle\"]}},"
                                + "\"required\":[\"type\"]},{\"$ref\":\"#/types/Circle\"}]}");
    }

    @Test
    void theDocumentOfAsyncApiHasTheViewOfTheServer() {
        String text = SocketContract.of("Desk", socket())
                .asyncApi(new SocketContract.Service(
                        "Desk", "2", Optional.of(URI.create("wss://example.org:4443/socket"))));
        JsonNode json = new JsonMapper().readTree(text);
        assertThat(json.get("servers").get("socket").get("host").asString()).isEqualTo("example.org:4443");
        assertThat(json.get("servers").get("socket").get("pathname").asString()).isEqualTo("/socket/websocket");
        assertThat(json.get("channels").get("ticket").get("address").asString()).isEqualTo("ticket:{id}");
        JsonNode operations = json.get("operations");
        assertThat(operations.get("ticket-send-assigned").get("action").asString())
                .isEqualTo("send");
        assertThat(operations.get("ticket-receive-edit").get("action").asString())
                .isEqualTo("receive");
        assertThat(operations.get("ticket-receive-close").get("reply").get("messages"))
                .hasToString("[{\"$ref\":\"#/channels/ticket/messages/close-reply\"},"
                        + "{\"$ref\":\"#/channels/ticket/messages/close-error\"}]");
        assertThat(operations.propertyNames())
                .contains(
                        "ticket-receive-note-it-2",
                        "ticket-send-viewers_count",
                        "ticket-send-agents_diff",
                        "phoenix-receive-refresh",
                        "phoenix-send-moved",
                        "t-receive-phx_join")
                .doesNotContain("phoenix-send-refused");
    }

    @Test
    void theMapperOfTheEndpointDecides() {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        assertThat(SocketContract.of("Desk", socket(), mapper).typeScript())
                .contains("type Here = { node_name: string };");
    }

    @Test
    void aDocumentIsTheSameEachTime() {
        assertThat(SocketContract.of("Desk", socket()).json())
                .isEqualTo(SocketContract.of("Desk", socket()).json())
                .endsWith("}\n")
                .doesNotContain("\r");
    }

    @Test
    void anEventOfOnIsReceivedAndOneOfAHistoryIsSent() {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .on(EDIT, (edit, in) -> NoReply.none())
                                .history(History.of(10, Duration.ofMinutes(1), ASSIGNED))
                                .build())
                .build();
        ChannelContract room = SocketContract.of("Desk", socket).channels().getFirst();
        assertThat(room.receives().stream().map(EventContract::name)).containsExactly("edit");
        assertThat(room.sends().stream().map(EventContract::name)).containsExactly("assigned");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "desk", "De sk", "1Desk", "Désk", "Json", "Empty", "ArrayBuffer"})
    void aNameIsThatOfAType(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketContract.of(name, socket()))
                .withMessage(
                        "The contract's name '" + name + "' is the name of a type in TypeScript; write an upper-case"
                                + " letter, then letters, digits and _, except Empty, Json and ArrayBuffer.");
    }

    @Test
    void aTypeMayHaveTheNameOfTheContract() {
        record Desk(int number) {}
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .sends(Event.of("desk", Desk.class))
                                .build())
                .build();
        SocketContract contract = SocketContract.of("Desk", socket);
        assertThat(contract.types().keySet()).containsExactly("Reason", "SocketContractTestsDesk");
        assertThat(contract.channels()).hasSize(1);
        assertThat(List.copyOf(contract.sends())).isEmpty();
    }
}
