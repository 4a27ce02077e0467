package io.heliodor.examples.desk;

import static io.heliodor.examples.desk.DeskMessages.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channels;
import io.heliodor.channel.UserSocket;
import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.event.Empty;
import io.heliodor.examples.desk.Tickets.Member;
import io.heliodor.spring.boot.ServedSockets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The whole application, with H2, by its ports. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"heliodor.port=0", "heliodor.host=127.0.0.1", "server.address=127.0.0.1"})
@ActiveProfiles("demo")
class DeskTests {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Value("${local.server.port}")
    private int web;

    @Autowired
    private Environment settings;

    @Autowired
    private Tickets tickets;

    @Autowired
    private Channels channels;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private ServedSockets served;

    private final List<Page> pages = new ArrayList<>();

    @AfterEach
    void close() {
        pages.forEach(Page::close);
    }

    private int port() {
        return settings.getRequiredProperty("local.heliodor.port", Integer.class);
    }

    private Page page(String person) throws Exception {
        Page page = Page.open(port(), token(person));
        pages.add(page);
        return page;
    }

    private String token(String person) throws Exception {
        HttpResponse<String> reply = http("POST", "/demo/tokens/" + person, "", "");
        assertThat(reply.statusCode()).isEqualTo(200);
        return Page.JSON.readTree(reply.body()).get("token").asString();
    }

    private HttpResponse<String> http(String method, String path, String token, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web + path))
                .method(method, BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private long open(String person, String subject) throws Exception {
        String body = Page.JSON.createObjectNode().put("subject", subject).toString();
        HttpResponse<String> reply = http("POST", "/api/tickets", token(person), body);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(201);
        return Page.JSON.readValue(reply.body(), Ticket.class).id();
    }

    private int assign(long ticket, String agent, String by) throws Exception {
        String body = Page.JSON.createObjectNode().put("agent", agent).toString();
        return http("PUT", "/api/tickets/" + ticket + "/agent", token(by), body).statusCode();
    }

    private static Say say(String body) {
        return new Say(body, UUID.randomUUID().toString());
    }

    @Test
    void theTypesOfThePageAreThoseOfTheDesk() {
        UserSocket<?> socket = served.sockets().getFirst().socket();
        ContractFiles.of(SocketContract.of("Desk", socket, served.json().orElseThrow()))
                .typeScript(Path.of("types/desk.ts"))
                .checkOrWrite();
    }

    @Test
    void aNewTicketReachesTheAgentsAndItsCustomer() throws Exception {
        Page agent = page("ann");
        Page customer = page("cy");
        agent.join("agents");
        customer.join("user:cy");
        long id = open("cy", "It does not start");
        for (Ticket ticket : List.of(agent.expect("agents", CHANGED), customer.expect("user:cy", CHANGED))) {
            assertThat(ticket).isEqualTo(new Ticket(id, "cy", "Cy", "It does not start", "", false, 0));
        }
        assertThat(page("bo").join("agents", OpenTickets.class).tickets())
                .extracting(Ticket::id)
                .contains(id);
        assertThat(page("cy").join("user:cy", Home.class).tickets())
                .extracting(Ticket::id)
                .contains(id);
        assertThat(page("dee").join("user:dee", Home.class).tickets())
                .extracting(Ticket::id)
                .doesNotContain(id);
    }

    @Test
    void aMessageIsStoredAndIsUnreadUntilItsReaderHasIt() throws Exception {
        long id = open("cy", "Help");
        String topic = "ticket:" + id;
        assertThat(assign(id, "ann", "ann")).isEqualTo(200);
        Page ann = page("ann");
        ann.join("user:ann");
        Page agent = page("ann");
        Page customer = page("cy");
        agent.join(topic);
        customer.join(topic);
        Message sent = customer.call(topic, SAY, say("Hello"));
        assertThat(sent.body()).isEqualTo("Hello");
        assertThat(sent.author()).isEqualTo("cy");
        assertThat(agent.expect(topic, MESSAGE)).isEqualTo(sent);
        assertThat(ann.expect("user:ann", UNREAD, unread -> unread.ticket() == id && unread.messages() == 1))
                .isNotNull();
        agent.call(topic, READ, new Read(sent.id()));
        assertThat(ann.expect("user:ann", UNREAD, unread -> unread.ticket() == id && unread.messages() == 0))
                .isNotNull();
        assertThat(customer.expect(topic, SEEN)).isEqualTo(new Seen("ann", sent.id()));
        Conversation state = page("bo").join(topic, Conversation.class);
        assertThat(state.messages()).containsExactly(sent);
        assertThat(state.seen()).containsExactly(new Seen("ann", sent.id()));
    }

    @Test
    void aMessageThatIsSentAgainIsStoredOnce() throws Exception {
        String topic = "ticket:" + open("cy", "Help");
        Say hello = say("Hello");
        Page first = page("cy");
        first.join(topic);
        Message stored = first.call(topic, SAY, hello);
        first.close();
        Page second = page("cy");
        second.join(topic);
        assertThat(second.call(topic, SAY, hello)).isEqualTo(stored);
        assertThat(page("ann").join(topic, Conversation.class).messages()).containsExactly(stored);
    }

    @Test
    void othersDoNotSeeATicket() throws Exception {
        long id = open("dee", "Mine");
        Page cy = page("cy");
        assertThat(cy.joinRefused("ticket:" + id)).isEqualTo("not_found");
        assertThat(cy.joinRefused("ticket:0")).isEqualTo("not_found");
        assertThat(cy.joinRefused("ticket:x")).isEqualTo("unmatched topic");
        assertThat(cy.joinRefused("user:dee")).isEqualTo("unauthorized");
        assertThat(cy.joinRefused("agents")).isEqualTo("unauthorized");
    }

    @Test
    void aTokenIsNeeded() throws Exception {
        assertThat(Page.refused(port(), "a.b.c")).isEqualTo(401);
        assertThat(http("GET", "/api/me", "", "").statusCode()).isEqualTo(401);
        assertThat(http("GET", "/api/me", "a.b.c", "").statusCode()).isEqualTo(401);
        assertThat(http("POST", "/demo/tokens/eve", "", "").statusCode()).isEqualTo(404);
        assertThat(http("GET", "/api/me", token("ann"), "").body())
                .isEqualTo("{\"person\":{\"id\":\"ann\",\"name\":\"Ann\",\"agent\":true},\"socket\":\":" + port()
                        + "/socket\"}");
    }

    @Test
    void aFreshTokenKeepsTheConnection() throws Exception {
        Page ann = page("ann");
        ann.join("agents");
        var fresh = Page.JSON.createObjectNode().put("token", token("ann"));
        assertThat(ann.reply("phoenix", "refresh", fresh).get("status").asString())
                .isEqualTo("ok");
        fresh.put("token", token("cy"));
        assertThat(ann.reply("phoenix", "refresh", fresh).get("status").asString())
                .as("a token of another person")
                .isEqualTo("error");
    }

    @Test
    void assigningReachesTheTicketAndAllPagesOfTheAgent() throws Exception {
        long id = open("cy", "Help");
        Page customer = page("cy");
        customer.join("ticket:" + id);
        Page phone = page("bo");
        Page laptop = page("bo");
        phone.join("user:bo");
        laptop.join("user:bo");
        assertThat(assign(id, "bo", "ann")).isEqualTo(200);
        assertThat(customer.expect("ticket:" + id, CHANGED).agent()).isEqualTo("bo");
        for (Page page : List.of(phone, laptop)) {
            assertThat(page.expect("user:bo", NOTICE)).isEqualTo(new Notice("Ann gave you “Help”", id));
        }
        assertThat(assign(id, " ", "ann")).isEqualTo(400);
        assertThat(assign(id, "bo", "cy")).isEqualTo(403);
        assertThat(assign(0, "bo", "ann")).isEqualTo(404);
        assertThat(http("GET", "/api/tickets", token("ann"), "").body()).contains("\"agent\":\"bo\"");
        assertThat(http("GET", "/api/tickets", token("cy"), "").statusCode()).isEqualTo(403);
    }

    @Test
    void onlyAgentsCloseATicketAndAMessageOpensItAgain() throws Exception {
        String topic = "ticket:" + open("cy", "Help");
        Page customer = page("cy");
        Page agent = page("ann");
        customer.join(topic);
        agent.join(topic);
        assertThat(customer.callRefused(topic, CLOSE, Empty.EMPTY)).isEqualTo("forbidden");
        assertThat(agent.call(topic, CLOSE, Empty.EMPTY).closed()).isTrue();
        assertThat(customer.expect(topic, CHANGED).closed()).isTrue();
        customer.call(topic, SAY, say("Not yet"));
        assertThat(agent.expect(topic, CHANGED, ticket -> !ticket.closed())).isNotNull();
    }

    @Test
    void agentsSeeWhichAgentsAreOnlineAndCustomersTheirNumber() throws Exception {
        Page board = page("bo");
        board.join("agents");
        Page customer = page("cy");
        customer.join("user:cy");
        Page ann = page("ann");
        ann.join("user:ann");
        board.next(frame -> frame.event().startsWith("presence_")
                && frame.payload().toString().contains("\"name\":\"Ann\""));
        customer.next(frame -> frame.event().equals("agents_count")
                && frame.payload().toString().equals("{\"count\":1}"));
        ann.close();
        board.next(frame -> frame.event().equals("presence_diff")
                && frame.payload().get("leaves").toString().contains("\"ann\""));
        customer.next(frame -> frame.event().equals("agents_count")
                && frame.payload().toString().equals("{\"count\":0}"));
    }

    @Test
    void typingIsNotSentToItsSender() throws Exception {
        String topic = "ticket:" + open("cy", "Help");
        Page customer = page("cy");
        Page agent = page("ann");
        customer.join(topic);
        agent.join(topic);
        customer.push(topic, TYPING, new Typing(true));
        assertThat(agent.expect(topic, IS_TYPING)).isEqualTo(new IsTyping(new Person("cy", "Cy", false), true));
        Message after = agent.call(topic, SAY, say("Yes?"));
        assertThat(customer.next(frame -> frame.topic().equals(topic)).event())
                .as("the first message after the own typing")
                .isEqualTo("message");
        assertThat(after.author()).isEqualTo("ann");
    }

    @Test
    void aMessageMustHaveABody() throws Exception {
        String topic = "ticket:" + open("cy", "Help");
        Page customer = page("cy");
        customer.join(topic);
        for (String body : List.of(" ", "x".repeat(4_001))) {
            assertThat(customer.callRefused(topic, SAY, say(body))).isEqualTo("invalid_payload");
        }
        assertThat(http("POST", "/api/tickets", token("cy"), "{\"subject\":\" \"}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void whatIsRolledBackIsNotSent() throws Exception {
        Page agent = page("ann");
        agent.join("agents");
        Person cy = new Person("cy", "Cy", false);
        new TransactionTemplate(transactions).executeWithoutResult(transaction -> {
            tickets.open(cy, "Never");
            transaction.setRollbackOnly();
        });
        tickets.open(cy, "Now");
        assertThat(agent.expect("agents", CHANGED).subject()).isEqualTo("Now");
    }

    @Test
    void aPageThatComesBackGetsWhatItMissed() throws Exception {
        String topic = "ticket:" + open("cy", "Help");
        Page customer = page("cy");
        customer.join(topic);
        Page away = page("ann");
        String token = away.join(topic).get("history").get("token").asString();
        away.close();
        Message missed = customer.call(topic, SAY, say("Hello?"));
        Page back = page("ann");
        var reply = back.join(topic, Page.JSON.createObjectNode().put("since", token));
        assertThat(reply.get("history").get("recovered").asBoolean()).isTrue();
        assertThat(back.expect(topic, MESSAGE)).isEqualTo(missed);
    }

    @Test
    void aStateAndWhatFollowsItHaveEachMessage() throws Exception {
        long id = open("cy", "Help");
        String topic = "ticket:" + id;
        Member cy = new Member(id, new Person("cy", "Cy", false));
        int count = 150;
        Thread writer = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < count; i++) {
                tickets.say(cy, say("number " + i));
            }
        });
        Map<Page, Map<Long, String>> joined = new LinkedHashMap<>();
        do {
            Page agent = page("ann");
            Map<Long, String> messages = new TreeMap<>();
            for (Message message : agent.join(topic, Conversation.class).messages()) {
                messages.put(message.id(), message.body());
            }
            joined.put(agent, messages);
        } while (writer.isAlive() && joined.size() < 40);
        List<String> all =
                IntStream.range(0, count).mapToObj(i -> "number " + i).toList();
        for (var page : joined.entrySet()) {
            Map<Long, String> messages = page.getValue();
            while (!messages.containsValue("number " + (count - 1))) {
                Message next = page.getKey().expect(topic, MESSAGE);
                messages.put(next.id(), next.body());
            }
            assertThat(messages.values()).containsExactlyElementsOf(all);
        }
    }

    @Test
    void thePageRequestsNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = http("GET", "/", "", "");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'self';");
        assertThat(page.body()).doesNotContain("http:", "https:", "<style", "onclick");
        for (String script : List.of("/desk.mjs", "/sign-in.mjs", "/vendor/phoenix.mjs", "/heliodor.mjs")) {
            HttpResponse<String> file = http("GET", script, "", "");
            assertThat(file.statusCode()).as(script).isEqualTo(200);
            assertThat(file.headers().firstValue("Content-Type").orElseThrow())
                    .as(script)
                    .startsWith("text/javascript");
        }
        assertThat(channels.serves("ticket:1")).isTrue();
    }
}
