package io.heliodor.endpoint;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/** Counts the objects of connections, channels and topics in this JVM, after a garbage collection. */
public final class Instances {
    private static final List<String> CLASSES = List.of(
            "io.heliodor.session.Session",
            "io.heliodor.session.channel.ChannelProcess",
            "io.heliodor.session.channel.ChannelContext",
            "io.heliodor.session.channel.ChannelMailbox",
            "io.heliodor.session.fanout.FastlaneTopic",
            "io.heliodor.session.fanout.Members",
            "io.heliodor.session.lane.Outbox",
            "io.heliodor.transport.websocket.WebSocketConnection",
            "io.heliodor.transport.http.HttpConnection",
            "io.heliodor.transport.longpoll.PollConnection",
            "io.heliodor.transport.longpoll.PollRequest",
            "io.heliodor.transport.longpoll.PollSend",
            "io.heliodor.transport.http.RequestGate");

    /** A line of the histogram: rank, number of instances, bytes, class. */
    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+(\\S+).*");

    private Instances() {}

    /** Returns the number of instances of each class that has any. */
    public static Map<String, Long> now() {
        return histogram()
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .filter(line -> CLASSES.contains(line.group(2)))
                .collect(Collectors.toMap(
                        line -> line.group(2), line -> Long.valueOf(line.group(1)), Long::sum, TreeMap::new));
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }
}
