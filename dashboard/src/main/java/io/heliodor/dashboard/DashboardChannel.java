package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.inspect.TopicSize;
import io.heliodor.limit.Rate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The socket of the page and its channel: each call queries all nodes and merges their answers.
 *
 * @param token the token of those who may connect
 * @param queries queries the nodes
 * @param presences the presences of this node
 * @param actions the actions of operators
 * @param limits the limits of traces
 */
record DashboardChannel(
        AccessToken token, ClusterQueries queries, Presences presences, Actions actions, TraceLimits limits) {

    static final Call<Empty, Overview, Reason> OVERVIEW =
            Call.of("overview", Empty.class, Overview.class).refusing("busy");
    static final Call<Empty, Handlers, Reason> HANDLERS =
            Call.of("handlers", Empty.class, Handlers.class).refusing("busy");
    static final Call<Empty, Events, Reason> EVENTS =
            Call.of("events", Empty.class, Events.class).refusing("busy");
    static final Call<Empty, SlowClients, Reason> SLOW =
            Call.of("slow", Empty.class, SlowClients.class).refusing("busy");
    static final Call<Search, Topics, Reason> TOPICS =
            Call.of("topics", Search.class, Topics.class).refusing("busy");
    static final Call<Search, TopicDetails, Reason> TOPIC_DETAILS =
            Call.of("topic", Search.class, TopicDetails.class).refusing("busy");
    static final Call<Search, Users, Reason> USERS =
            Call.of("users", Search.class, Users.class).refusing("busy");
    static final Call<Search, UserDetails, Reason> USER_DETAILS =
            Call.of("user", Search.class, UserDetails.class).refusing("busy");

    static final Call<UserTarget, Empty, Reason> DISCONNECT_USER =
            Call.of("disconnect_user", UserTarget.class, Empty.class).refusing(Actions.OFF);
    static final Call<MemberTarget, Empty, Reason> REMOVE_MEMBER =
            Call.of("remove_member", MemberTarget.class, Empty.class).refusing(Actions.OFF, Actions.NOT_FOUND);
    static final Call<ConnectionTarget, Empty, Reason> DISCONNECT_CONNECTION = Call.of(
                    "disconnect_connection", ConnectionTarget.class, Empty.class)
            .refusing(Actions.OFF, Actions.OFF_THERE, Actions.NOT_FOUND, Actions.NO_ANSWER);
    static final Call<NodeTarget, Empty, Reason> DRAIN_NODE = Call.of("drain_node", NodeTarget.class, Empty.class)
            .refusing(Actions.OFF, Actions.OFF_THERE, Actions.NOT_FOUND, Actions.NO_ANSWER);

    static final Call<Empty, Sockets, Reason> SOCKETS =
            Call.of("sockets", Empty.class, Sockets.class).refusing(Actions.OFF);
    static final Call<MessageTarget, Empty, Reason> TRY_MESSAGE =
            Call.of("try_message", MessageTarget.class, Empty.class).refusing(Actions.OFF, Actions.NOT_FOUND);

    static final Call<TraceRequest, TraceBegun, Reason> TRACE =
            Call.of("trace", TraceRequest.class, TraceBegun.class).refusing("busy", "too_many_traces");
    static final Call<TraceRead, Frames, Reason> FRAMES =
            Call.of("frames", TraceRead.class, Frames.class).refusing("busy");
    static final Call<TraceId, Empty, Reason> UNTRACE =
            Call.of("untrace", TraceId.class, Empty.class).refusing("busy");

    /** The size of the frames of one reply, about. */
    private static final int MAX_FRAME_BYTES = 1 << 20;

    /** That of one answer: as JSON in UTF-8 a text may have three times its length. */
    private static final int MAX_NODE_FRAME_BYTES = 256 << 10;

    static final int MAX_ROWS = 50;
    static final int MAX_MEMBERS = 200;
    static final int MAX_CONNECTIONS = 100;
    static final int MAX_EVENTS = 200;

    private static final Rate CALLS = Rate.perSecond(5);

    private static final Comparator<TopicRow> LARGEST_FIRST =
            Comparator.comparingInt(TopicRow::members).reversed().thenComparing(TopicRow::topic);

    private static final Comparator<LocatedEvent> NEWEST_FIRST = Comparator.comparingLong(
                    (LocatedEvent each) -> each.event().atMillis())
            .thenComparing(LocatedEvent::node)
            .thenComparingLong(each -> each.event().number())
            .reversed();

    private static final Comparator<LocatedFrame> IN_ORDER = Comparator.comparingLong(
                    (LocatedFrame each) -> each.frame().atMillis())
            .thenComparing(LocatedFrame::node)
            .thenComparingInt(each -> each.frame().number());

    private static final Comparator<Located> BY_WAITING_BYTES = Comparator.comparingLong(
                    (Located each) -> each.connection().waitingBytes())
            .reversed();

    UserSocket<Empty> socket() {
        return UserSocket.connect(
                        connect -> token.matches(connect.authToken()) ? Connect.ok(Empty.EMPTY) : Connect.refuse(401))
                .channel(PageSettings.TOPIC, channel())
                .sends()
                .refuseAfterUpgrade()
                .build();
    }

    /** Its assigns are the id of the trace that the page has begun; empty without one. */
    private Channel<Object, String> channel() {
        return Channel.join(_ -> Join.ok("", new PageSettings(actions.areOn())))
                .joinReply(PageSettings.class)
                .answer(OVERVIEW, (_, _) -> reply(Query.OVERVIEW, "", this::overview))
                .answer(HANDLERS, (_, _) -> reply(Query.HANDLERS, "", DashboardChannel::handlers))
                .answer(EVENTS, (_, _) -> reply(Query.EVENTS, "", DashboardChannel::events))
                .answer(SLOW, (_, _) -> reply(Query.SLOW, "", DashboardChannel::slow))
                .answer(TOPICS, (search, _) -> reply(Query.TOPICS, search.text(), DashboardChannel::topics))
                .answer(TOPIC_DETAILS, (search, _) -> reply(Query.TOPIC, search.text(), all -> topic(search, all)))
                .answer(USERS, (search, _) -> reply(Query.USERS, search.text(), DashboardChannel::users))
                .answer(USER_DETAILS, (search, _) -> reply(Query.USER, search.text(), all -> user(search, all)))
                .answer(TRACE, this::trace)
                .answer(FRAMES, (read, _) -> frames(read))
                .answer(UNTRACE, (trace, in) -> {
                    if (trace.id().equals(in.assigns())) { // and not another one that has begun since
                        in.assign("");
                    }
                    return reply(Query.UNTRACE, trace.id(), _ -> Empty.EMPTY);
                })
                .onLeave((_, page) -> endTrace(page.assigns()))
                .answer(DISCONNECT_USER, (target, in) -> actions.disconnectUser(in.socket(), target))
                .answer(REMOVE_MEMBER, (target, in) -> actions.removeMember(in.socket(), target))
                .answer(DISCONNECT_CONNECTION, (target, in) -> actions.disconnectConnection(in.socket(), target))
                .answer(DRAIN_NODE, (target, in) -> actions.drainNode(in.socket(), target))
                .answer(SOCKETS, (_, _) -> actions.sockets())
                .answer(TRY_MESSAGE, (target, in) -> actions.tryMessage(in.socket(), target))
                .sends()
                .messageRate(CALLS)
                .build();
    }

    private <A, R> Outcome<R, Reason> reply(Query<A> query, String text, Function<List<NodeAnswer<A>>, R> merging) {
        Optional<R> reply = queries.ask(query, text, merging);
        return reply.isPresent() ? Reply.ok(reply.get()) : Reply.error("busy");
    }

    private Outcome<TraceBegun, Reason> trace(TraceRequest request, Context<Object, String> page) {
        endTrace(page.assigns());
        String id = UUID.randomUUID().toString();
        Optional<List<NodeAnswer<TraceState>>> begun =
                queries.ask(Query.TRACE, text(new TraceOrder(id, request.of(), request.text())), all -> all);
        if (begun.isEmpty()) {
            return Reply.error("busy");
        }
        page.assign(id);
        List<String> full = begun.get().stream()
                .filter(each -> each.content().filter(state -> !state.running()).isPresent())
                .map(NodeAnswer::node)
                .toList();
        if (full.contains(queries.self())) {
            endTrace(id);
            page.assign("");
            return Reply.error("too_many_traces");
        }
        return Reply.ok(new TraceBegun(id, limits.time().toSeconds(), limits.frames(), full, silent(begun.get())));
    }

    private Outcome<Frames, Reason> frames(TraceRead read) {
        int maxBytes = Math.min(
                MAX_NODE_FRAME_BYTES, MAX_FRAME_BYTES / Math.clamp(queries.members(), 1, ClusterQueries.MAX_NODES + 1));
        return reply(Query.FRAMES, text(new FrameOrder(read.id(), read.read(), maxBytes)), all -> frames(read, all));
    }

    private static Frames frames(TraceRead read, List<NodeAnswer<FrameReport>> answers) {
        Map<String, Long> last = new TreeMap<>();
        read.read().forEach(each -> last.put(each.name(), each.count()));
        List<LocatedFrame> frames = new ArrayList<>();
        List<TraceEnd> ended = new ArrayList<>();
        List<String> untraced = new ArrayList<>();
        boolean running = false;
        for (NodeAnswer<FrameReport> answer : answers) {
            FrameReport report = answer.content().orElse(null);
            if (report == null) {
                continue;
            }
            if (!report.known()) {
                untraced.add(answer.node());
                continue;
            }
            report.frames().forEach(frame -> {
                frames.add(new LocatedFrame(answer.node(), frame));
                last.merge(answer.node(), (long) frame.number(), Math::max);
            });
            if (!report.ended().isEmpty()) {
                ended.add(new TraceEnd(answer.node(), report.ended()));
            }
            running |= report.ended().isEmpty() || last.getOrDefault(answer.node(), 0L) < report.total();
        }
        frames.sort(IN_ORDER);
        return new Frames(
                frames,
                last.entrySet().stream()
                        .map(each -> new Count(each.getKey(), each.getValue()))
                        .toList(),
                running,
                ended,
                untraced,
                silent(answers));
    }

    private void endTrace(String id) {
        if (!id.isEmpty()) {
            Optional<Empty> _ = queries.ask(Query.UNTRACE, id, _ -> Empty.EMPTY);
        }
    }

    private static String text(Object order) {
        return new String(AnswerFormat.write(order), UTF_8);
    }

    private Overview overview(List<NodeAnswer<NodeReport>> answers) {
        return new Overview(
                queries.self(),
                queries.members(),
                answers.stream()
                        .map(each -> new NodeState(each.node(), each.state(), each.content()))
                        .toList());
    }

    private static Handlers handlers(List<NodeAnswer<HandlerReport>> answers) {
        Map<String, HandlerRow> sums = new TreeMap<>();
        contents(answers)
                .forEach(report -> report.handlers()
                        .forEach(each -> sums.merge(
                                each.channel() + '\0' + each.kind() + '\0' + each.name(),
                                HandlerRow.of(each, report.millis()),
                                HandlerRow::plus)));
        return new Handlers(
                sums.values().stream()
                        .sorted(Comparator.comparingDouble(HandlerRow::perSecond)
                                .reversed())
                        .limit(HandlerTimes.MAX_HANDLERS)
                        .toList(),
                silent(answers));
    }

    private static Events events(List<NodeAnswer<EventReport>> answers) {
        return new Events(
                answers.stream()
                        .flatMap(answer -> answer.content().stream()
                                .flatMap(report -> report.events().stream())
                                .map(event -> new LocatedEvent(answer.node(), event)))
                        .sorted(NEWEST_FIRST)
                        .limit(MAX_EVENTS)
                        .toList(),
                silent(answers));
    }

    private static SlowClients slow(List<NodeAnswer<SlowReport>> answers) {
        List<Located> all = new ArrayList<>(located(answers, SlowReport::connections, Integer.MAX_VALUE));
        all.sort(BY_WAITING_BYTES);
        return new SlowClients(all.stream().limit(MAX_ROWS).toList(), silent(answers));
    }

    private static Topics topics(List<NodeAnswer<TopicList>> answers) {
        Map<String, List<Count>> byTopic = new TreeMap<>();
        answers.forEach(answer -> answer.content().stream()
                .flatMap(list -> list.topics().stream())
                .forEach(size -> add(byTopic, answer.node(), size)));
        Set<String> cutNodes = answers.stream()
                .filter(answer -> answer.content()
                        .filter(list -> list.total() > list.topics().size())
                        .isPresent())
                .map(NodeAnswer::node)
                .collect(Collectors.toSet());
        List<TopicRow> rows = byTopic.entrySet().stream()
                .map(each -> new TopicRow(
                        each.getKey(), sum(each.getValue()), isPart(each.getValue(), cutNodes), each.getValue()))
                .sorted(LARGEST_FIRST)
                .limit(MAX_ROWS)
                .toList();
        return new Topics(
                rows,
                !cutNodes.isEmpty() || byTopic.size() > rows.size(),
                contents(answers).stream().allMatch(TopicList::complete),
                silent(answers));
    }

    private static void add(Map<String, List<Count>> byTopic, String node, TopicSize size) {
        byTopic.computeIfAbsent(size.topic(), _ -> new ArrayList<>()).add(new Count(node, size.members()));
    }

    /** Whether a node that did not list a topic may have members of it. */
    private static boolean isPart(List<Count> counts, Set<String> cutNodes) {
        return counts.stream().filter(each -> cutNodes.contains(each.name())).count() < cutNodes.size();
    }

    private static int sum(List<Count> counts) {
        return (int) counts.stream().mapToLong(Count::count).sum();
    }

    private TopicDetails topic(Search search, List<NodeAnswer<TopicReport>> answers) {
        // Each node keeps a copy, so the longest one has all.
        List<KeptEvent> kept = contents(answers).stream()
                .map(TopicReport::kept)
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        return new TopicDetails(
                search.text(),
                total(answers, TopicReport::total),
                counts(answers, TopicReport::total),
                located(answers, TopicReport::members, MAX_MEMBERS),
                kept,
                presences.counts(search.text()),
                presences.keys(search.text()),
                silent(answers));
    }

    private static Users users(List<NodeAnswer<IdList>> answers) {
        TreeSet<String> ids = new TreeSet<>();
        contents(answers).forEach(list -> ids.addAll(list.ids()));
        boolean cut = contents(answers).stream()
                .anyMatch(list -> list.total() > list.ids().size());
        return new Users(
                ids.stream().limit(MAX_ROWS).toList(),
                cut || ids.size() > MAX_ROWS,
                contents(answers).stream().allMatch(IdList::complete),
                silent(answers));
    }

    private static UserDetails user(Search search, List<NodeAnswer<UserReport>> answers) {
        return new UserDetails(
                search.text(),
                total(answers, UserReport::total),
                counts(answers, UserReport::total),
                located(answers, UserReport::connections, MAX_CONNECTIONS),
                silent(answers));
    }

    private static <A> List<A> contents(List<NodeAnswer<A>> answers) {
        return answers.stream().flatMap(each -> each.content().stream()).toList();
    }

    private static <A> int total(List<NodeAnswer<A>> answers, ToIntFunction<A> total) {
        return contents(answers).stream().mapToInt(total).sum();
    }

    /** The nodes that have some. */
    private static <A> List<Count> counts(List<NodeAnswer<A>> answers, ToIntFunction<A> total) {
        return answers.stream()
                .flatMap(each ->
                        each.content().stream().map(content -> new Count(each.node(), total.applyAsInt(content))))
                .filter(each -> each.count() > 0)
                .toList();
    }

    /** The first connections of each node, then the second ones and so on: a node that has few is shown, too. */
    private static <A> List<Located> located(
            List<NodeAnswer<A>> answers, Function<A, List<ConnectionState>> connections, int max) {
        List<List<Located>> byNode = answers.stream()
                .map(each -> each.content().stream()
                        .flatMap(content -> connections.apply(content).stream())
                        .map(connection -> new Located(each.node(), connection))
                        .toList())
                .toList();
        int most = byNode.stream().mapToInt(List::size).max().orElse(0);
        return IntStream.range(0, most)
                .boxed()
                .flatMap(i -> byNode.stream().filter(each -> i < each.size()).map(each -> each.get(i)))
                .limit(max)
                .toList();
    }

    private static <A> List<String> silent(List<NodeAnswer<A>> answers) {
        return answers.stream()
                .filter(each -> each.content().isEmpty())
                .map(NodeAnswer::node)
                .toList();
    }
}
