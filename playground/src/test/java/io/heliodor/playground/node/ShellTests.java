package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** The answers to lines, over a fake node. */
@Timeout(120)
class ShellTests {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Printer printer = new Printer(out, Json::line);
    private final FakeNode node = new FakeNode(Options.of("a@h"), event -> printer.event(EventLines.of(event)));

    /** Answers and events, in order. */
    private List<String> run(String... lines) throws Exception {
        byte[] input = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        printer.start(EventLines.started("a@h", 7100));
        new Shell(node, printer).run(new LineReader(new ByteArrayInputStream(input), LineReader.MAX_CHARACTERS));
        printer.close(10_000);
        List<String> printed = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(printed.getFirst()).isEqualTo("{\"event\":\"started\",\"node\":\"a@h\",\"port\":7100}");
        return printed.subList(1, printed.size());
    }

    @Test
    void aNodeReportsItselfAndOthers() throws Exception {
        assertThat(run("self", "members", "health", "ping a@h", "ping b@h"))
                .containsExactly(
                        "{\"ok\":true,\"node\":\"a@h\",\"incarnation\":9223372036854775807}",
                        "{\"ok\":true,\"members\":["
                                + "{\"node\":\"a@h\",\"status\":\"alive\",\"incarnation\":9223372036854775807},"
                                + "{\"node\":\"far@h\",\"status\":\"suspect\",\"incarnation\":7}]}",
                        "{\"ok\":true,\"status\":\"degraded\",\"reachable\":[\"a@h\"],\"unreachable\":[\"far@h\"],"
                                + "\"quorum\":false,\"reasons\":[\"voters 1 of 3\"]}",
                        "{\"ok\":true,\"ms\":1.235}",
                        "{\"ok\":false,\"error\":\"unreachable\",\"message\":\"b@h is not in the view\"}");
    }

    @Test
    void aMessageContainsTheBeginOfALongValue() throws Exception {
        String begin = "x".repeat(ReplyLines.MAX_MESSAGE - 1);
        String name = begin + "\ud83d\ude00".repeat(1 << 20);
        List<String> answers = run("ping " + name, "send " + name + " text", name);
        assertThat(answers)
                .hasSize(3)
                .allSatisfy(answer -> assertThat(answer)
                        .startsWith("{\"ok\":false,")
                        .endsWith("...\"}")
                        .hasSizeLessThan(ReplyLines.MAX_MESSAGE + 100));
        assertThat(answers.getFirst()).contains("\"" + begin + "...");
    }

    @Test
    void aNodeConnectsAndLeaves() throws Exception {
        assertThat(run("connect near:1", "connect foreign:1", "disconnect"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"ok\":false,\"error\":\"refused\",\"message\":\"another cookie\"}",
                        "{\"event\":\"left\",\"node\":\"far@h\",\"incarnation\":7}",
                        "{\"ok\":true}");
    }

    @Test
    void anInboxKeepsMessagesAndAnswersCalls() throws Exception {
        assertThat(run(
                        "register n",
                        "lookup n",
                        "names",
                        "send n one",
                        "call n two 100",
                        "send n three  words",
                        "inbox n",
                        "inbox n",
                        "unregister n",
                        "lookup n",
                        "inbox n",
                        "send n four",
                        "call n five",
                        "unregister n"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"ok\":true,\"node\":\"a@h\"}",
                        "{\"ok\":true,\"names\":[\"n\"]}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"reply\":\"a@h:two\"}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"messages\":[\"one\",\"three  words\"]}",
                        "{\"ok\":true,\"messages\":[]}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"node\":null}",
                        "{\"ok\":true,\"messages\":[]}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"nobody is called n\"}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"nobody is called n\"}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"nobody is called n\"}");
    }

    @Test
    void theSameProcessRegistersItsNameAgain() throws Exception {
        assertThat(run("register n", "send n one", "register n", "inbox n"))
                .last()
                .isEqualTo("{\"ok\":true,\"messages\":[\"one\"]}");
    }

    @Test
    void aStoppedInboxIsGone() throws Exception {
        assertThat(run("register n", "send n one", "stop n crash", "inbox n", "stop n", "register n", "inbox n"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"this node has no inbox 'n'\"}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"this node has no inbox 'n'\"}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"messages\":[]}");
    }

    @Test
    void aNameThatIsRefusedLeavesNoInbox() throws Exception {
        assertThat(run("register taken", "inbox taken"))
                .containsExactly(
                        "{\"ok\":false,\"error\":\"name_taken\",\"message\":\"far@h has it\"}",
                        "{\"ok\":false,\"error\":\"no_process\",\"message\":\"this node has no inbox 'taken'\"}");
    }

    @Test
    void groupsAreJoinedBroadcastToAndLeft() throws Exception {
        assertThat(run("join g", "group g", "broadcast g hi", "inbox g", "leave g", "group g", "leave g", "leave x"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"ok\":true,\"members\":[\"a@h\"]}",
                        "{\"ok\":true,\"sent\":1}",
                        "{\"ok\":true,\"messages\":[\"hi\"]}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"members\":[]}",
                        "{\"ok\":true}",
                        "{\"ok\":true}");
    }

    @Test
    void proceduresAreServedAndCalled() throws Exception {
        assertThat(run(
                        "rpc a@h echo 1",
                        "serve echo",
                        "serve node",
                        "serve fail",
                        "serve sleep",
                        "serve dance",
                        "rpc a@h echo {\"a\": [1.50, null, \"ü\"]} 50",
                        "rpc a@h node null",
                        "rpc a@h fail \"on purpose\"",
                        "rpc a@h sleep 1",
                        "rpc a@h sleep \"long\""))
                .containsExactly(
                        "{\"ok\":false,\"error\":\"no_such_procedure\",\"message\":\"echo\"}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":false,\"error\":\"no_such_procedure\","
                                + "\"message\":\"'dance' is not one of echo, node, sleep, fail\"}",
                        "{\"ok\":true,\"result\":{\"a\":[1.50,null,\"\\u00FC\"]}}",
                        "{\"ok\":true,\"result\":\"a@h\"}",
                        "{\"ok\":false,\"error\":\"remote_failure\",\"message\":\"on purpose\"}",
                        "{\"ok\":true,\"result\":1}",
                        "{\"ok\":false,\"error\":\"remote_failure\","
                                + "\"message\":\"sleep takes milliseconds, 0 or more, but got \\\"long\\\"\"}");
    }

    @Test
    void leadersAndTheirTermsAreReported() throws Exception {
        assertThat(run("campaign e", "leader e", "leader none", "resign e"))
                .containsExactly(
                        "{\"event\":\"leading\",\"election\":\"e\",\"term\":17}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"leader\":\"a@h\",\"term\":17,\"leading\":true}",
                        "{\"ok\":true,\"leader\":null,\"term\":null,\"leading\":false}",
                        "{\"event\":\"lost\",\"election\":\"e\",\"term\":\"3.1\"}",
                        "{\"ok\":true}");
    }

    @Test
    void theMetadataOfANodeAreSetAndRead() throws Exception {
        assertThat(run("put k v w", "get k", "get x", "metadata a@h", "metadata b@h"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"ok\":true,\"value\":\"v w\"}",
                        "{\"ok\":true,\"value\":null}",
                        "{\"ok\":true,\"entries\":{\"k\":\"v w\"}}",
                        "{\"ok\":false,\"error\":\"unreachable\",\"message\":\"b@h\"}");
    }

    @Test
    void aPublishedMessageComesAsAnEvent() throws Exception {
        assertThat(run("subscribe t", "publish t line \u2028 break", "monitor n"))
                .containsExactly(
                        "{\"ok\":true}",
                        "{\"event\":\"message\",\"topic\":\"t\",\"text\":\"line \\u2028 break\",\"from\":\"a@h\"}",
                        "{\"ok\":true}",
                        "{\"event\":\"down\",\"name\":\"n\",\"node\":null,\"reason\":\"no_process\"}",
                        "{\"ok\":true}");
    }

    @Test
    void countersAreReported() throws Exception {
        assertThat(run("stats"))
                .containsExactly("{\"ok\":true,\"stats\":{\"link.load\":0.5,\"link.sent\":3,"
                        + "\"shell.events.dropped\":0,\"shell.inboxes.dropped\":0}}");
    }

    @Test
    void eachLineIsAnsweredAlsoAnInvalidOne() throws Exception {
        String commands = " the commands are " + String.join(", ", CommandParser.SYNTAX.keySet()) + "\"}";
        assertThat(run("dance", "", "self 1"))
                .containsExactly(
                        "{\"ok\":false,\"error\":\"bad_command\",\"message\":\"the command 'dance' does not exist;"
                                + commands,
                        "{\"ok\":false,\"error\":\"bad_command\",\"message\":\"the line is empty;" + commands,
                        "{\"ok\":false,\"error\":\"bad_command\",\"message\":\"expected: self\"}");
    }

    @Test
    void quitLeavesAndFurtherLinesAreNotRead() throws Exception {
        assertThat(run("quit", "self"))
                .containsExactly("{\"event\":\"left\",\"node\":\"a@h\",\"incarnation\":1}", "{\"ok\":true}");
        assertThat(node.closed.getCount()).isZero();
    }

    @Test
    void anExceptionOfTheNodeIsAnsweredWithAnError() throws Exception {
        assertThat(run("ping broken@h", "ping a@h"))
                .containsExactly(
                        "{\"ok\":false,\"error\":\"unknown\","
                                + "\"message\":\"java.lang.IllegalStateException: this node is broken\"}",
                        "{\"ok\":true,\"ms\":1.235}");
    }

    @Test
    void aNodeThatHangsIsAnsweredWithAnErrorAndTheNextCommandRuns() throws Exception {
        assertThat(run("call hangs hi 50", "ping a@h"))
                .containsExactly(
                        "{\"ok\":false,\"error\":\"timeout\",\"message\":\"no answer within 50 ms\"}",
                        "{\"ok\":true,\"ms\":1.235}");
    }

    @Test
    void eachEventHasItsFields() {
        ShellEvent.Membership up = new ShellEvent.Membership(ShellEvent.Change.UP, "b@h", 5);
        assertThat(Json.line(EventLines.of(up))).isEqualTo("{\"event\":\"up\",\"node\":\"b@h\",\"incarnation\":5}");
        assertThat(Json.line(EventLines.of(new ShellEvent.Merged(List.of("a@h", "b@h")))))
                .isEqualTo("{\"event\":\"merged\",\"nodes\":[\"a@h\",\"b@h\"]}");
        assertThat(Json.line(EventLines.of(new ShellEvent.Conflict("n", "a@h", "b@h"))))
                .isEqualTo("{\"event\":\"conflict\",\"name\":\"n\",\"winner\":\"a@h\",\"loser\":\"b@h\"}");
        ShellEvent.ProcessDown down =
                new ShellEvent.ProcessDown("n", Optional.of("b@h"), ShellEvent.Reason.NO_CONNECTION);
        assertThat(Json.line(EventLines.of(down)))
                .isEqualTo("{\"event\":\"down\",\"name\":\"n\",\"node\":\"b@h\",\"reason\":\"no_connection\"}");
    }

    @Test
    void thePlainTextHasTheSameContent() {
        assertThat(PlainText.of(EventLines.started("a@h", 7100))).isEqualTo("* started node: a@h, port: 7100");
        assertThat(PlainText.of(ReplyLines.ok())).isEqualTo("ok");
        assertThat(PlainText.of(ReplyLines.error(ErrorCode.NO_QUORUM, "2 of 5 are here")))
                .isEqualTo("no_quorum: 2 of 5 are here");
        assertThat(PlainText.of(ReplyLines.members(node.members())))
                .isEqualTo("members: "
                        + "\n  node: a@h, status: alive, incarnation: 9223372036854775807"
                        + "\n  node: far@h, status: suspect, incarnation: 7");
        assertThat(PlainText.of(ReplyLines.list("names", List.of()))).isEqualTo("names: none");
        assertThat(PlainText.of(ReplyLines.list("messages", List.of("one", "bell \u0007"))))
                .isEqualTo("messages: \n  one\n  bell \\u0007");
        assertThat(PlainText.of(ReplyLines.lookup(Result.ok(Optional.empty())))).isEqualTo("node: none");
        ObjectNode entries = ReplyLines.ok();
        entries.putObject("entries").put("k", "v");
        assertThat(PlainText.of(entries)).isEqualTo("entries: \n  k = v");
    }

    @Test
    void keysAreTrackedAndUntracked() throws Exception {
        assertThat(run("present room", "track room zoe", "track room ann", "track room ann", "present room"))
                .containsExactly(
                        "{\"ok\":true,\"keys\":[]}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":true}",
                        "{\"ok\":true,\"keys\":[\"ann\",\"zoe\"]}");
    }

    @Test
    void untrackingLeavesTheOthers() throws Exception {
        assertThat(run("track room ann", "track room bob", "untrack room ann", "untrack room ann", "present room"))
                .endsWith("{\"ok\":true}", "{\"ok\":true}", "{\"ok\":true,\"keys\":[\"bob\"]}");
    }

    @Test
    void helpNamesAllCommandsWithTheirArguments() throws Exception {
        assertThat(run("help"))
                .singleElement()
                .asString()
                .startsWith("{\"ok\":true,\"commands\":[\"broadcast GROUP TEXT\",")
                .contains("\"call NAME TEXT [MS]\"", "\"help\"", "\"track TOPIC KEY\"");
    }
}
