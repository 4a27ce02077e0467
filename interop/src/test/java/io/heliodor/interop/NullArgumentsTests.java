package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.AroundHook;
import io.heliodor.channel.Authorization;
import io.heliodor.channel.CallHandler;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.DeferredCallHandler;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.InterceptHandler;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.JoinedHook;
import io.heliodor.channel.LeaveHook;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.TypedJoinHandler;
import io.heliodor.channel.UnhandledHandler;
import io.heliodor.client.Registration;
import io.heliodor.client.socket.ClientSocket;
import io.heliodor.codec.Reference;
import io.heliodor.document.DocumentStore;
import io.heliodor.election.Election;
import io.heliodor.endpoint.TextHandler;
import io.heliodor.event.InvalidPayload;
import io.heliodor.jwt.JwtHandler;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Observer;
import io.heliodor.presence.Enrichment;
import io.heliodor.process.Body;
import io.heliodor.process.ConflictResolver;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.rpc.Rpc;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Calls the public constructors and methods of the API with null for one argument after the other, and valid values for the others. Each
 * call throws, and the text is one of Heliodor: the name of the argument, or a sentence about it.
 */
class NullArgumentsTests {
    /** The application implements these types, so that Heliodor gives the arguments. */
    private static final Set<Class<?>> CALLBACKS = Set.of(
            AroundHook.class,
            CallHandler.class,
            Authorization.class,
            ConnectHandler.class,
            DeferredCallHandler.class,
            EventHandler.class,
            ExceptionHandler.class,
            InterceptHandler.class,
            JoinHandler.class,
            JoinedHook.class,
            LeaveHook.class,
            PayloadValidator.class,
            RefreshHandler.class,
            SendHook.class,
            TypedJoinHandler.class,
            UnhandledHandler.class,
            JwtHandler.class,
            Registration.class,
            DocumentStore.class,
            ClientSocket.class,
            ClientSocket.Listener.class,
            HandlerObserver.class,
            Observer.class,
            TextHandler.class,
            MessageFormat.class,
            Subscriber.class,
            Enrichment.class,
            Reference.class,
            Election.Duty.class,
            Body.class,
            ConflictResolver.class,
            Rpc.Implementation.class);

    /** Heliodor calls these methods of a codec, with values that it has checked. */
    private static final Set<String> OF_CODECS = Set.of("Codec.encode", "Codec.decode");

    private static final ApiObjects OBJECTS = new ApiObjects();

    @AfterAll
    static void close() {
        OBJECTS.close();
    }

    @TestFactory
    Stream<DynamicTest> nullIsRefusedWithTheNameOfTheArgument() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String module : ApiTests.modules()) {
            ApiTests.packages(module).values().stream().flatMap(List::stream).forEach(type -> of(tests, type));
        }
        return tests.stream();
    }

    private static void of(List<DynamicTest> tests, Class<?> type) {
        if (!Throwable.class.isAssignableFrom(type) || type == InvalidPayload.class) {
            for (Constructor<?> constructor : type.getConstructors()) {
                if (!Modifier.isAbstract(type.getModifiers())) {
                    each(tests, type, constructor, ApiObjects.Subject.NONE);
                }
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            boolean isStatic = Modifier.isStatic(method.getModifiers());
            if (!Modifier.isPublic(method.getModifiers())
                    || method.isSynthetic()
                    || method.getName().equals("equals")
                    || (type.isEnum() && method.getName().equals("valueOf"))
                    || OF_CODECS.contains(type.getSimpleName() + "." + method.getName())) {
                continue;
            }
            if (isStatic) {
                each(tests, type, method, ApiObjects.Subject.NONE);
            } else if (!CALLBACKS.contains(type) && hasReference(method)) {
                OBJECTS.subjects(type).forEach(subject -> each(tests, type, method, subject));
            }
        }
    }

    private static boolean hasReference(Executable method) {
        return Arrays.stream(method.getParameterTypes()).anyMatch(type -> !type.isPrimitive());
    }

    private static void each(
            List<DynamicTest> tests, Class<?> type, Executable executable, ApiObjects.Subject subject) {
        for (int i = 0; i < executable.getParameterCount(); i++) {
            if (!executable.getParameterTypes()[i].isPrimitive()) {
                int at = i;
                tests.add(DynamicTest.dynamicTest(
                        executable.toGenericString().replaceFirst(".*?(?=[\\w.$]+\\()", "") + " " + at + subject,
                        () -> refuses(type, executable, at, subject)));
            }
        }
    }

    private static void refuses(Class<?> type, Executable executable, int at, ApiObjects.Subject subject)
            throws Exception {
        Object[] arguments = Arrays.stream(executable.getParameterTypes())
                .map(OBJECTS::value)
                .toArray();
        arguments[at] = null;
        Optional<Throwable> thrown = subject.call(object -> thrownBy(() -> switch (executable) {
            case Method method -> method.invoke(object, arguments);
            case Constructor<?> constructor -> constructor.newInstance(arguments);
        }));
        assertThat(thrown)
                .as("null for argument %d of %s in %s", at, executable, type)
                .isPresent();
        assertThat(thrown.get())
                .satisfiesAnyOf(
                        it -> assertThat(it).isInstanceOf(NullPointerException.class),
                        it -> assertThat(it)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining(" null"));
        assertThat(thrown.get().getMessage())
                .as("the message is that of the JVM: %s", thrown.get())
                .isNotBlank()
                .doesNotContain("because ");
    }

    private static Optional<Throwable> thrownBy(Callable<?> call) throws Exception {
        try {
            Object _ = call.call();
            return Optional.empty();
        } catch (InvocationTargetException e) {
            return Optional.of(e.getCause());
        }
    }
}
