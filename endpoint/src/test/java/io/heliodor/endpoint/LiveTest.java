package io.heliodor.endpoint;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.io.IoBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A test over real sockets: once for each I/O backend, with a server of its own and a healthy client. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.heliodor.endpoint.LiveTest#transports")
@ExtendWith(BuffersComeBack.class)
public abstract class LiveTest {
    @Parameter
    protected Transport transport;

    private final List<AutoCloseable> open = new ArrayList<>();

    /** Each I/O backend, or with {@code -Dheliodor.transports=best} the default of an endpoint. */
    static Stream<Transport> transports() {
        boolean all = !"best".equals(System.getProperty("heliodor.transports"));
        return Stream.of(Transport.values()).filter(transport -> all || transport.io() == IoBackend.best());
    }

    @BeforeEach
    void clearTheLog() {
        RecordedLog.clear();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    protected Live start() {
        return start(builder -> builder);
    }

    /** Starts a server that is closed after the test. */
    protected Live start(UnaryOperator<Endpoint.Builder> change) {
        return closing(Live.start(transport, change));
    }

    /** Lets a healthy client echo until the end of the test. */
    protected void withHealthyClient(Live live) {
        closing(new HealthyClient(live.endpoint));
    }

    protected <C extends AutoCloseable> C closing(C closeable) {
        open.add(closeable);
        return closeable;
    }

    protected RawClient connect(Live live) {
        return closing(RawClient.connect(live.endpoint));
    }

    protected RawClient open(Live live) {
        return closing(RawClient.open(live.endpoint));
    }
}
