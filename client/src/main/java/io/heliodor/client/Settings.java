package io.heliodor.client;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.session.Limits;
import io.heliodor.client.session.Timing;
import io.heliodor.client.socket.ClientSocket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The values of a builder. */
record Settings(
        URI uri,
        Map<String, String> headers,
        @Nullable Supplier<String> tokens,
        JsonPayloads payloads,
        @Nullable Executor callbacks,
        @Nullable Supplier<ClientSocket> sockets,
        Limits limits,
        Timing timing,
        int maxTopics,
        int maxWaitingMessages,
        long maxWaitingBytes,
        int maxPendingCalls,
        int maxMessageBytes,
        int maxSentMessageBytes,
        LongSupplier nanos,
        RandomGenerator random) {}
