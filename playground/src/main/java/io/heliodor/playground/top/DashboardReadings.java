package io.heliodor.playground.top;

import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.event.Call;
import io.heliodor.event.Reason;
import io.heliodor.playground.top.ClusterReply.Handlers;
import io.heliodor.playground.top.ClusterReply.None;
import io.heliodor.playground.top.ClusterReply.Overview;
import io.heliodor.playground.top.ClusterReply.Search;
import io.heliodor.playground.top.ClusterReply.Topics;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** All nodes of a cluster, by the socket of the dashboard of one of them. */
final class DashboardReadings implements Readings<ClusterReply> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Call<None, Overview, Reason> OVERVIEW =
            Call.of("overview", None.class, Overview.class).refusing("busy");
    private static final Call<Search, Topics, Reason> TOPICS =
            Call.of("topics", Search.class, Topics.class).refusing("busy");
    private static final Call<None, Handlers, Reason> HANDLERS =
            Call.of("handlers", None.class, Handlers.class).refusing("busy");

    private final URI page;
    private final Client client;
    private final ClientChannel channel;

    /** The end of the first attempt to connect. */
    private final CompletableFuture<ConnectionStatus> attempt = new CompletableFuture<>();

    /**
     * Connects.
     *
     * @param page the address of the dashboard, without its token
     * @throws IllegalArgumentException if it is not an address of HTTP
     */
    DashboardReadings(URI page, String token) {
        this.page = page;
        URI socket = URI.create(page.toString().replaceFirst("^http", "ws") + "/socket");
        client = Client.to(socket).token(() -> token).build();
        var _ = client.onStatus(status -> {
            if (!(status instanceof ConnectionStatus.Idle || status instanceof ConnectionStatus.Connecting)) {
                attempt.complete(status);
            }
        });
        channel = client.channel("heliodor:dashboard").join();
    }

    @Override
    public ClusterReply read() throws IOException, InterruptedException {
        if (attempt.join() instanceof ConnectionStatus.Reconnecting) {
            throw new IOException("no server answers at " + page);
        }
        return new ClusterReply(
                reply(OVERVIEW, new None()), reply(TOPICS, new Search("")), reply(HANDLERS, new None()));
    }

    private <Q, R> R reply(Call<Q, R, Reason> call, Q request) throws IOException, InterruptedException {
        CallResult<R, Reason> result = channel.call(call, request, PATIENCE);
        if (result instanceof CallResult.Ok<R, Reason>(R reply)) {
            return reply;
        }
        throw new IOException("no answer from " + page + ": " + problem(result));
    }

    private String problem(CallResult<?, Reason> result) {
        if (client.status() instanceof ConnectionStatus.Refused refused) {
            return refused.status() == 401 ? "the token is refused" : "it refuses with " + refused.reason();
        }
        return switch (result) {
            case CallResult.Failed<?, Reason>(Reason(var reason)) -> reason;
            case CallResult.Refused<?, Reason>(var refusal) -> refusal.reason();
            case CallResult.TimedOut<?, Reason> _ -> "none within " + PATIENCE.toSeconds() + " s";
            default -> "the connection has ended";
        };
    }

    @Override
    public List<String> picture(ClusterReply before, ClusterReply now, double seconds) {
        return new ClusterPicture(page.toString(), before, now).lines();
    }

    @Override
    public void close() {
        client.close();
    }
}
