package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The objects that each idle connection with one topic adds to the heap: a further one is paid by all connections. */
class IdleObjectsTests {
    @AutoClose
    private final TestServer server = new TestServer();

    @Test
    void anIdleConnectionHasTheObjectsOfItsParts() throws IllegalAccessException {
        server.serve("room:*", Channel.join(join -> Join.ok("a")).build());
        Client other = server.connect();
        other.joins("3", "room:42");
        Client client = server.connect();
        client.joins("3", "room:42");
        server.settle();
        // Without the objects that all connections share.
        Set<Object> shared = reachable(other.session(), Set.of());
        assertThat(reachable(client.session(), shared))
                .extracting(each -> each.getClass().getSimpleName())
                .containsExactlyInAnyOrder(
                        "Session",
                        "Identity",
                        "User",
                        "FlowControl",
                        "ConnectionMemory",
                        "Outbox",
                        "ChannelTable",
                        "FrameDispatcher",
                        "Liveness",
                        "SessionClosing",
                        "WireChannel",
                        "ChannelMailbox",
                        "ChannelProcess",
                        "ChannelContext",
                        "Ref");
    }

    /** The objects of this module that a session refers to, by itself and by lists of its parts, but for those of a set. */
    private static Set<Object> reachable(Object from, Set<Object> without) throws IllegalAccessException {
        Set<Object> found = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            Object each = open.remove();
            boolean isCommon = each instanceof LaneSessions || each instanceof Hub || each instanceof Client;
            if (!isCommon && !without.contains(each) && found.add(each)) {
                for (Class<?> type = each.getClass(); type != null; type = type.getSuperclass()) {
                    open.addAll(references(each, type));
                }
            }
        }
        return found;
    }

    private static List<Object> references(Object of, Class<?> type) throws IllegalAccessException {
        List<Object> references = new ArrayList<>();
        for (Field field : type.getName().startsWith("io.heliodor.") ? type.getDeclaredFields() : new Field[0]) {
            if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
                continue;
            }
            field.setAccessible(true);
            switch (field.get(of)) {
                case null -> {}
                case Collection<?> parts
                when of.getClass().getSimpleName().equals("ChannelTable") -> references.addAll(parts);
                case Object reference
                when reference.getClass().getName().startsWith("io.heliodor.") -> references.add(reference);
                default -> {}
            }
        }
        return references;
    }
}
