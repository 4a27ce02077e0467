package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTests {
    private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of("self", new Command.Self()),
                Arguments.of("  self\t ", new Command.Self()),
                Arguments.of("members", new Command.Members()),
                Arguments.of("connect b:7100", new Command.Connect(new Address("b", 7100))),
                Arguments.of("connect [::1]:7100", new Command.Connect(new Address("[::1]", 7100))),
                Arguments.of("disconnect", new Command.Disconnect()),
                Arguments.of("ping a@h", new Command.Ping("a@h")),
                Arguments.of("health", new Command.Health()),
                Arguments.of("register n", new Command.Register("n")),
                Arguments.of("unregister n", new Command.Unregister("n")),
                Arguments.of("lookup n", new Command.Lookup("n")),
                Arguments.of("names", new Command.Names()),
                Arguments.of("send n two  words ", new Command.Send("n", "two  words ")),
                Arguments.of("inbox n", new Command.Inbox("n")),
                Arguments.of("stop n", new Command.Stop("n", false)),
                Arguments.of("stop n normal", new Command.Stop("n", false)),
                Arguments.of("stop n crash", new Command.Stop("n", true)),
                Arguments.of("monitor n", new Command.Monitor("n")),
                Arguments.of("join g", new Command.Join("g")),
                Arguments.of("leave g", new Command.Leave("g")),
                Arguments.of("group g", new Command.Group("g")),
                Arguments.of("broadcast g to all", new Command.Broadcast("g", "to all")),
                Arguments.of("serve echo", new Command.Serve("echo")),
                Arguments.of("campaign e", new Command.Campaign("e")),
                Arguments.of("resign e", new Command.Resign("e")),
                Arguments.of("leader e", new Command.Leader("e")),
                Arguments.of("put k v w", new Command.Put("k", "v w")),
                Arguments.of("get k", new Command.Get("k")),
                Arguments.of("metadata a@h", new Command.Metadata("a@h")),
                Arguments.of("subscribe t", new Command.Subscribe("t")),
                Arguments.of("publish t äöü 🟡", new Command.Publish("t", "äöü 🟡")),
                Arguments.of("track t ann b", new Command.Track("t", "ann b")),
                Arguments.of("untrack t ann", new Command.Untrack("t", "ann")),
                Arguments.of("present t", new Command.Present("t")),
                Arguments.of("help", new Command.Help()),
                Arguments.of("stats", new Command.Stats()),
                Arguments.of("quit", new Command.Quit()));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandIsParsed(String line, Command command) {
        assertThat(CommandParser.parse(line)).isEqualTo(command);
    }

    @Test
    void eachCommandIsTestedHere() {
        List<String> tested = Stream.concat(
                        commands()
                                .map(each ->
                                        String.valueOf(each.get()[0]).strip().split(" ", 2)[0]),
                        Stream.of("call", "rpc"))
                .toList();
        assertThat(tested).containsAll(CommandParser.SYNTAX.keySet());
    }

    static Stream<Arguments> calls() {
        return Stream.of(
                Arguments.of("call n hi", "hi", 5_000),
                Arguments.of("call n hi 250", "hi", 250),
                Arguments.of("call n hi 250 ", "hi", 250),
                Arguments.of("call n a b  250", "a b", 250),
                Arguments.of("call n 250", "250", 5_000),
                Arguments.of("call n  250", " 250", 5_000),
                Arguments.of("call n 1 2", "1", 2),
                Arguments.of("call n at 2.5", "at 2.5", 5_000),
                Arguments.of("call n at 5s", "at 5s", 5_000));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void theLastWordOfACallIsItsTimeIfItIsAnIntegerAfterAWord(String line, String text, int millis) {
        assertThat(CommandParser.parse(line)).isEqualTo(new Command.Call("n", text, Duration.ofMillis(millis)));
    }

    static Stream<Arguments> rpcs() {
        return Stream.of(
                Arguments.of("{}", "{}", 5_000),
                Arguments.of("{\"a\": [1, {\"b\": \"} 7\"}]} 300", "{\"a\":[1,{\"b\":\"} 7\"}]}", 300),
                Arguments.of("  \"two words\"  300 ", "\"two words\"", 300),
                Arguments.of("5", "5", 5_000),
                Arguments.of("5 300", "5", 300),
                Arguments.of("-1.50", "-1.50", 5_000),
                Arguments.of("123456789012345678901234567890 1", "123456789012345678901234567890", 1),
                Arguments.of("null 300", "null", 300),
                Arguments.of("true", "true", 5_000),
                Arguments.of("\"\"", "\"\"", 5_000),
                Arguments.of("\"ü\"", "\"\\u00FC\"", 5_000));
    }

    @ParameterizedTest
    @MethodSource("rpcs")
    void theArgumentOfAnRpcIsOneValueAndItsTimeFollows(String words, String json, int millis) {
        assertThat(CommandParser.parse("rpc b@h echo " + words))
                .isEqualTo(new Command.Rpc("b@h", "echo", json, Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "nothing",
                "Self",
                "self now",
                "ping",
                "ping a b",
                "connect",
                "connect b",
                "connect b:",
                "connect :7100",
                "connect b:x",
                "connect b:65536",
                "connect b:-1",
                "connect ::1:7100",
                "connect b:1 c:2",
                "send",
                "send n",
                "send n ",
                "call",
                "call n",
                "call n ",
                "call n hi 0",
                "call n hi -5",
                "call n hi 86400001",
                "call n hi 99999999999999999999",
                "stop",
                "stop n hard",
                "stop n crash now",
                "put k",
                "rpc",
                "rpc b@h",
                "rpc b@h echo",
                "rpc b@h echo ",
                "rpc b@h echo {",
                "rpc b@h echo {]",
                "rpc b@h echo nul",
                "rpc b@h echo {} x",
                "rpc b@h echo {} 5 6",
                "rpc b@h echo {} 0",
                "rpc b@h echo {} 2.5",
                "rpc b@h echo \"open",
                "leader",
                "subscribe a b"
            })
    void anInvalidCommandIsReported(String line) {
        assertThat(CommandParser.parse(line)).isInstanceOf(Command.Malformed.class);
    }

    @Test
    void aWrongUseIsAnsweredWithTheRightOne() {
        assertThat(CommandParser.parse("call n")).isEqualTo(new Command.Malformed("expected: call NAME TEXT [MS]"));
        assertThat(CommandParser.parse("dance"))
                .isEqualTo(new Command.Malformed("the command 'dance' does not exist; the commands are "
                        + String.join(", ", CommandParser.SYNTAX.keySet())));
    }

    @Test
    void jsonOfAThousandLevelsIsRefused() {
        assertThat(CommandParser.parse("rpc b@h echo " + "[".repeat(100_000) + "]".repeat(100_000)))
                .isInstanceOf(Command.Malformed.class);
    }

    @Test
    void onlyACallAndAnRpcMayTakeAnotherTimeThanTenSeconds() {
        assertThat(CommandParser.parse("register n").limit()).isEqualTo(Duration.ofSeconds(10));
        assertThat(CommandParser.parse("call n hi").limit()).isEqualTo(FIVE_SECONDS);
        assertThat(CommandParser.parse("rpc b@h echo 1 70").limit()).isEqualTo(Duration.ofMillis(70));
    }
}
