package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mistakes that do not compile. Each is one line; its twin, which differs in the mistake alone, compiles, so the line is
 * refused for the mistake and for nothing else.
 */
class RefusedByTheCompilerTests {
    private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

    private static final String CHANNEL = """
        import io.heliodor.channel.*;
        import io.heliodor.event.*;

        class Probe {
            record User(String name) {}
            record Message(String body) {}
            record Saved(long id) {}
            static final Event<Message> SAID = Event.of("said", Message.class);
            static final Call<Message, Saved, Reason> SAY = Call.of("say", Message.class, Saved.class);

            static Channel<User, User> channel() {
                return Channel.of(User.class).join(join -> Join.ok(join.socket().assigns()))
                        %s
                        .build();
            }
        }
        """;

    private static final String CONTEXT = """
        import io.heliodor.channel.*;
        import io.heliodor.event.*;

        class Probe {
            record User(String name) {}
            record Stranger(String name) {}
            record Message(String body) {}
            static final Event<Message> SAID = Event.of("said", Message.class);

            static void run(Context<?, User> room) {
                %s
            }
        }
        """;

    private static final String SOCKET = """
        import io.heliodor.channel.*;
        import io.heliodor.event.*;

        class Probe {
            record User(String name) {}
            record Guest(String name) {}

            static UserSocket<User> socket(Channel<User, String> users, Channel<Guest, String> guests) {
                return UserSocket.connect((Connect connect) -> Connect.ok(new User("ann")))
                        %s
                        .build();
            }
        }
        """;

    // The keys of messages of javac.
    private static final String WRONG_TYPE = "compiler.err.prob.found.req";
    private static final String NO_METHOD = "compiler.err.cant.apply.symbol";

    @TempDir
    private Path classes;

    @Test
    void aPayloadOfAnotherTypeIsNotPushed() {
        refuses(CONTEXT, "room.push(SAID, new Message(\"hi\"));", "room.push(SAID, \"hi\");", NO_METHOD);
    }

    @Test
    void aPayloadOfAnotherTypeIsNotBroadcast() {
        refuses(CONTEXT, "room.broadcast(SAID, new Message(\"hi\"));", "room.broadcast(SAID, \"hi\");", NO_METHOD);
    }

    @Test
    void aPayloadIsNotHandledAsAnotherType() {
        refuses(
                CHANNEL,
                ".on(SAID, (Message said, Context<User, User> room) -> NoReply.none())",
                ".on(SAID, (Saved said, Context<User, User> room) -> NoReply.none())",
                NO_METHOD);
    }

    @Test
    void assignsOfAnotherTypeAreNotAssigned() {
        refuses(CONTEXT, "room.assign(new User(\"ann\"));", "room.assign(new Stranger(\"ann\"));", WRONG_TYPE);
    }

    @Test
    void aChannelThatNeedsOtherAssignsIsNotMounted() {
        refuses(SOCKET, ".channel(\"room:*\", users)", ".channel(\"room:*\", guests)", WRONG_TYPE);
    }

    @Test
    void anOutcomeIsNotForgotten() {
        refuses(
                CHANNEL,
                ".on(SAID, (said, room) -> { return room.broadcast(SAID, said); })",
                ".on(SAID, (said, room) -> { room.broadcast(SAID, said); })",
                WRONG_TYPE);
    }

    @Test
    void aCallIsNotLeftWithoutAnAnswer() {
        refuses(
                CHANNEL,
                ".answer(SAY, (message, room) -> Reply.ok(new Saved(1)))",
                ".answer(SAY, (message, room) -> NoReply.none())",
                WRONG_TYPE);
    }

    @Test
    void aReplyIsNotOfAnotherType() {
        refuses(
                CHANNEL,
                ".answer(SAY, (message, room) -> Reply.ok(new Saved(1)))",
                ".answer(SAY, (message, room) -> Reply.ok(message))",
                WRONG_TYPE);
    }

    @Test
    void aLaterAnswerIsNotOfAnotherType() {
        refuses(
                CHANNEL,
                ".answerLater(SAY, (message, room, answer) -> answer.send(Reply.ok(new Saved(1))))",
                ".answerLater(SAY, (message, room, answer) -> answer.send(Reply.ok(message)))",
                WRONG_TYPE);
    }

    @Test
    void anErrorIsNotOfAnotherType() {
        refuses(
                CHANNEL,
                ".answer(SAY, (message, room) -> Reply.error(\"muted\"))",
                ".answer(SAY, (message, room) -> Reply.error(message))",
                WRONG_TYPE);
        refuses(
                CHANNEL,
                ".answer(SAY.failingWith(Message.class), (message, room) -> Reply.error(message))",
                ".answer(SAY.failingWith(Message.class), (message, room) -> Reply.error(\"muted\"))",
                WRONG_TYPE);
    }

    @Test
    void aCallIsNotHandledAsAnEventNorAnEventAsACall() {
        refuses(
                CHANNEL,
                ".answer(SAY, (message, room) -> Reply.ok(new Saved(1)))",
                ".on(SAY, (message, room) -> Reply.ok(new Saved(1)))",
                NO_METHOD);
        refuses(
                CHANNEL,
                ".on(SAID, (said, room) -> NoReply.none())",
                ".answer(SAID, (said, room) -> NoReply.none())",
                NO_METHOD);
    }

    @Test
    void theAssignsOfTheConnectionHaveTheirType() {
        refuses(
                CHANNEL,
                ".onJoined(room -> { User user = room.socket().assigns(); })",
                ".onJoined(room -> { Message user = room.socket().assigns(); })",
                WRONG_TYPE);
    }

    @Test
    void anInfoMessageHasContentOfItsType() {
        refuses(
                CONTEXT,
                "room.send(InfoMessage.of(\"tick\", Integer.class), 1);",
                "room.send(InfoMessage.of(\"tick\", Integer.class), \"1\");",
                NO_METHOD);
    }

    @Test
    void anEventIsNotAnsweredWithAPayload() {
        refuses(
                CHANNEL,
                ".on(SAID, (said, room) -> Reply.error(\"no\"))",
                ".on(SAID, (said, room) -> Reply.ok(said))",
                WRONG_TYPE);
    }

    @Test
    void anInterceptDoesNotReply() {
        refuses(
                CHANNEL,
                ".intercept(SAID, (said, room) -> Out.pass())",
                ".intercept(SAID, (said, room) -> Reply.ok())",
                WRONG_TYPE);
    }

    private void refuses(String frame, String good, String bad, String key) {
        assertThat(compile(frame.formatted(good))).as(good).isEmpty();
        assertThat(compile(frame.formatted(bad))).as(bad).singleElement().satisfies(error -> {
            assertThat(error.getLineNumber()).as(error.toString()).isEqualTo(lineOf("%s", frame));
            assertThat(error.getCode()).as(error.toString()).isEqualTo(key);
        });
    }

    private static long lineOf(String mark, String text) {
        return text.substring(0, text.indexOf(mark)).lines().count();
    }

    /** The errors; notes and warnings do not count. */
    private List<Diagnostic<? extends JavaFileObject>> compile(String source) {
        var found = new DiagnosticCollector<JavaFileObject>();
        var options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        JAVAC.getTask(null, null, found, options, null, List.of(new Probe(source)))
                .call();
        return found.getDiagnostics().stream()
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .toList();
    }

    /** A source that is a text. */
    private static final class Probe extends SimpleJavaFileObject {
        private final String source;

        Probe(String source) {
            super(URI.create("string:///Probe.java"), Kind.SOURCE);
            this.source = source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }
    }
}
