package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import io.heliodor.type.Type;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/** Calls the methods that wire an application with null for one argument after the other, and valid values for the others. */
class NullArgumentsTests {
    record Payload(String text) {}

    private static final Event<Payload> EVENT = Event.of("event", Payload.class);

    /** Values for parameters of these types. */
    private static final Map<Class<?>, Object> VALUES = Map.ofEntries(
            Map.entry(String.class, "/a"),
            Map.entry(int.class, 1),
            Map.entry(long.class, 1L),
            Map.entry(boolean.class, true),
            Map.entry(Class.class, Payload.class),
            Map.entry(Type.class, Type.of(Payload.class)),
            Map.entry(Event.class, EVENT),
            Map.entry(Call.class, Call.of("call", Payload.class, Payload.class)),
            Map.entry(Topic.class, Topic.of("topic", Payload.class)),
            Map.entry(InfoMessage.class, InfoMessage.of("message", Payload.class)),
            Map.entry(Duration.class, Duration.ofSeconds(1)),
            Map.entry(Path.class, Path.of(".")),
            Map.entry(Rate.class, Rate.perSecond(1)),
            Map.entry(History.class, History.of(1, Duration.ofMinutes(1), EVENT)),
            Map.entry(SlowPolicy.class, SlowPolicy.drop()),
            Map.entry(Limits.class, Limits.openInternet()),
            Map.entry(JsonMapper.class, JsonMapper.shared()),
            Map.entry(String[].class, new String[] {"https://a"}),
            Map.entry(Channel.class, room().build()),
            Map.entry(
                    UserSocket.class,
                    UserSocket.open().channel("*", room().build()).build()));

    private static Channel.Builder<Object, Object> room() {
        return Channel.join(join -> Join.ok(Empty.EMPTY));
    }

    /** Makes a fresh object for each call. */
    private interface Subject {
        Object fresh();
    }

    @TestFactory
    Stream<DynamicTest> nullIsRefusedWithTheNameOfTheArgument() {
        List<DynamicTest> tests = new ArrayList<>();
        of(tests, Channel.Builder.class, NullArgumentsTests::room);
        of(tests, Channel.Of.class, () -> Channel.of(Object.class));
        of(tests, UserSocket.Builder.class, UserSocket::open);
        of(tests, Endpoint.Builder.class, Endpoint::builder);
        of(tests, Presence.Builder.class, () -> Presence.builder(PubSub.local(), Payload.class));
        of(tests, Tokens.Builder.class, () -> Tokens.of(Payload.class, "purpose"));
        of(tests, Limits.class, Limits::openInternet);
        for (Class<?> type : List.of(
                Channel.class,
                UserSocket.class,
                Event.class,
                Call.class,
                Topic.class,
                InfoMessage.class,
                Presence.class,
                Owner.class,
                Tokens.class,
                Secret.class,
                Groups.class,
                History.class,
                SlowPolicy.class,
                io.heliodor.channel.Channels.class)) {
            of(tests, type, null);
        }
        return tests.stream();
    }

    private static void of(List<DynamicTest> tests, Class<?> type, Subject subject) {
        for (Method method : type.getDeclaredMethods()) {
            boolean isStatic = Modifier.isStatic(method.getModifiers());
            if (!Modifier.isPublic(method.getModifiers())
                    || method.isSynthetic()
                    || method.getName().equals("equals")
                    || isStatic == (subject != null)) {
                continue;
            }
            for (int i = 0; i < method.getParameterCount(); i++) {
                if (!method.getParameterTypes()[i].isPrimitive()) {
                    int at = i;
                    tests.add(DynamicTest.dynamicTest(
                            type.getName() + "." + method.getName() + " " + method.getParameters()[i],
                            () -> refuses(method, at, subject == null ? null : subject.fresh())));
                }
            }
        }
    }

    private static void refuses(Method method, int at, Object subject) throws Exception {
        Object[] arguments = Arrays.stream(method.getParameters())
                .map(NullArgumentsTests::value)
                .toArray();
        arguments[at] = null;
        Optional<Throwable> thrown;
        try {
            Object _ = method.invoke(subject, arguments);
            thrown = Optional.empty();
        } catch (InvocationTargetException e) {
            thrown = Optional.of(e.getCause());
        }
        assertThat(thrown).as("null for argument %d of %s", at, method).isPresent();
        assertThat(thrown.get()).isInstanceOfAny(NullPointerException.class, IllegalArgumentException.class);
        assertThat(thrown.get().getMessage())
                .as("not the message of the JVM: %s", thrown.get())
                .isNotNull()
                .doesNotContain("because \"");
    }

    private static Object value(Parameter parameter) {
        Class<?> type = parameter.getType();
        Object value = VALUES.get(type);
        if (value != null) {
            return value;
        }
        if (type == PubSub.class) {
            return PubSub.local();
        }
        if (type == Object.class) {
            return new Payload("a");
        }
        return type.isInterface()
                ? Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, (proxy, called, arguments) -> null)
                : null;
    }
}
