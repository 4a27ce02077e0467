package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Queries all nodes, and answers the queries of other nodes. Each query is made once a second at most, and without one nothing runs.
 * Any thread but an event loop may use it.
 */
final class ClusterQueries implements AutoCloseable {
    /** The limit for queries of this node in a second. */
    static final int MAX_QUERIES = 20;

    /** The limit for answers in a second, to all nodes together. */
    private static final int MAX_ANSWERS = 100;

    /** The limit for the other nodes that are queried. */
    static final int MAX_NODES = 63;

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Nodes nodes;
    private final LocalNode local;
    private final FreshAnswers<Key, List<? extends NodeAnswer<?>>> queries;
    private final FreshAnswers<Key, Object> answers;
    private final List<Subscription> handlers = new ArrayList<>();

    private record Key(String query, String text) {}

    /**
     * Answers the queries of other nodes from now on.
     *
     * @throws IllegalStateException if the pub/sub has a dashboard
     */
    ClusterQueries(PubSub pubsub, LocalNode local, LongSupplier clock) {
        this.nodes = Nodes.of(pubsub.scope("heliodor.dashboard"));
        this.local = local;
        this.queries = new FreshAnswers<>(MAX_QUERIES, clock);
        this.answers = new FreshAnswers<>(MAX_ANSWERS, clock);
        Query.ALL.forEach(query -> handlers.add(nodes.handle(
                query.name(),
                request -> AnswerFormat.write(answer(query, new String(request, UTF_8))
                        .orElseThrow(() -> new IOException("too many answers in this second"))))));
    }

    /** The name of this node. */
    String self() {
        return nodes.self().name();
    }

    /** The number of nodes in the view. */
    int members() {
        return nodes.members().size();
    }

    private <A> Optional<A> answer(Query<A> query, String text) {
        return answers.get(new Key(query.name(), text), () -> query.answering().apply(local, text))
                .map(query.type()::cast);
    }

    /**
     * Queries all nodes at once, and waits a second at most for those that do not answer.
     *
     * @return the answers, that of this node first; empty if there were too many queries in this second
     */
    @SuppressWarnings("unchecked") // a key has answers of its query alone
    <A> Optional<List<NodeAnswer<A>>> ask(Query<A> query, String text) {
        return queries.get(new Key(query.name(), text), () -> askAll(query, text))
                .map(each -> (List<NodeAnswer<A>>) each);
    }

    private <A> List<NodeAnswer<A>> askAll(Query<A> query, String text) {
        List<CompletableFuture<NodeAnswer<A>>> others = nodes.others().stream()
                .sorted()
                .limit(MAX_NODES)
                .map(node -> CompletableFuture.supplyAsync(
                        () -> request(node, query, text),
                        task -> Thread.ofVirtual().name("heliodor-dashboard").start(task)))
                .toList();
        NodeAnswer<A> own = answer(query, text)
                .map(each -> NodeAnswer.of(self(), each))
                .orElseGet(() -> NodeAnswer.without(self(), NodeAnswer.State.NO_ANSWER));
        return Stream.concat(Stream.of(own), others.stream().map(CompletableFuture::join))
                .toList();
    }

    private <A> NodeAnswer<A> request(NodeId node, Query<A> query, String text) {
        return switch (nodes.sendRequest(node, query.name(), text.getBytes(UTF_8), TIMEOUT)) {
            case Nodes.RequestOutcome.Response(byte[] content) ->
                AnswerFormat.read(query.type(), content)
                        .map(answer -> NodeAnswer.of(node.name(), answer))
                        .orElseGet(() -> NodeAnswer.without(node.name(), NodeAnswer.State.NO_ANSWER));
            case Nodes.RequestOutcome.NoHandler() -> NodeAnswer.without(node.name(), NodeAnswer.State.NO_DASHBOARD);
            case Nodes.RequestOutcome.NoResponse() -> NodeAnswer.without(node.name(), NodeAnswer.State.NO_ANSWER);
        };
    }

    /** Ends the answers to other nodes. */
    @Override
    public void close() {
        handlers.forEach(Subscription::close);
        local.close();
    }
}
