package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.log.FailureLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries all nodes, and answers the queries of other nodes. Each query is made once a second at most, and without one nothing runs.
 * Any thread but an event loop may use it.
 */
final class ClusterQueries implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.dashboard");

    /** The limit for queries of this node with a text in a second. */
    static final int MAX_QUERIES = 20;

    /** The limit for answers in a second, to all nodes together. */
    private static final int MAX_ANSWERS = 100;

    /** The limit for the other nodes that are queried. */
    static final int MAX_NODES = 63;

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final Nodes nodes;
    private final LocalNode local;
    private final FreshAnswers<Key, Object> replies;
    private final FreshAnswers<Key, Object> answers;
    private final List<Subscription> handlers = new ArrayList<>();

    /** Forgets the answers when nothing has been read for a while. */
    private final WhileRead<Object> kept;

    private record Key(String query, String text) {}

    /**
     * Answers the queries of other nodes from now on.
     *
     * @throws IllegalStateException if the pub/sub has a dashboard
     */
    ClusterQueries(PubSub pubsub, LocalNode local, LongSupplier clock) {
        this.nodes = ClusterPubSub.nodesOf(pubsub.scope("heliodor.dashboard"));
        this.local = local;
        this.replies = new FreshAnswers<>(MAX_QUERIES, clock);
        this.answers = new FreshAnswers<>(MAX_ANSWERS, clock);
        this.kept = new WhileRead<>(List::of, _ -> () -> {}, this::forget, clock);
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
        kept.read();
        return answers.get(
                        new Key(query.name(), text),
                        !text.isEmpty(),
                        () -> query.answering().apply(local, text))
                .map(query.type()::cast);
    }

    private void forget() {
        replies.clear();
        answers.clear();
    }

    /**
     * Queries all nodes at once, and waits a second at most for those that do not answer. All pages share the reply of a second.
     *
     * @param merging merges the answers, that of this node first, into the reply
     * @return the reply; empty if there were too many queries with a text in this second
     */
    @SuppressWarnings("unchecked") // a key has replies of its query alone
    <A, R> Optional<R> ask(Query<A> query, String text, Function<List<NodeAnswer<A>>, R> merging) {
        kept.read();
        return replies.get(new Key(query.name(), text), !text.isEmpty(), () -> merging.apply(askAll(query, text)))
                .map(each -> (R) each);
    }

    private <A> List<NodeAnswer<A>> askAll(Query<A> query, String text) {
        List<CompletableFuture<NodeAnswer<A>>> others = nodes.others().stream()
                .sorted()
                .limit(MAX_NODES)
                .map(node -> CompletableFuture.supplyAsync(
                        () -> request(node, query, text),
                        task -> Thread.ofVirtual().name("heliodor-dashboard").start(task)))
                .toList();
        return Stream.concat(Stream.of(own(query, text)), others.stream().map(CompletableFuture::join))
                .toList();
    }

    /** A failure of this node must not hide the answers of the others. */
    private <A> NodeAnswer<A> own(Query<A> query, String text) {
        try {
            Optional<A> answer = answer(query, text);
            if (answer.isPresent()) {
                return NodeAnswer.of(self(), answer.get());
            }
        } catch (IllegalStateException e) {
            failures.error("The query " + query + " of the dashboard", e, () -> "failed on this node.");
        }
        return NodeAnswer.without(self(), NodeAnswer.State.NO_ANSWER);
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
        kept.close();
        local.close();
    }
}
