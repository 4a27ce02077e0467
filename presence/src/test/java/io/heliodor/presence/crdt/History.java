package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Replicas that live through what a seed says. Whatever was sent stays on the way for ever, and is delivered at any time,
 * to anybody, again, or never.
 */
final class History {
    static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
    private static final List<String> TOPICS = List.of("room:1", "room:2", "room:Aa", "room:BB");
    private static final List<String> KEYS = List.of("ann", "bob", "AaAa", "BBBB", "AaBB");

    record Message(Delta<String> delta, Model told) {}

    final List<Node> nodes = new ArrayList<>();
    final List<Message> sent = new ArrayList<>();
    /** Lives that are over, and all that is left of them is what they sent. */
    final List<ReplicaId> past = new ArrayList<>();

    History(int replicas) {
        for (int index = 0; index < replicas; index++) {
            nodes.add(new Node(NAMES.get(index), 1));
        }
    }

    static History of(int replicas, List<Long> seeds) {
        var history = new History(replicas);
        seeds.forEach(history::act);
        return history;
    }

    void act(long seed) {
        var random = new Random(seed);
        Node node = nodes.get(random.nextInt(nodes.size()));
        int what = random.nextInt(100);
        if (what < 40) {
            deliver(node, random);
        } else if (what < 85) {
            if (node.state.context().ended(node.id())) {
                node.checkThatNothingIsAdded();
                node = restart(node);
            }
            change(node, random);
        } else if (what < 91) {
            Node other = nodes.get(random.nextInt(nodes.size()));
            send(node.state.missing(other.state.context()), node.model.unknownTo(other.model));
            send(node.state.about(other.state.context()), node.model.about(other.model));
        } else if (what < 93) {
            send(node.state.full(), node.model.copy());
        } else if (what < 99) {
            mark(node, random);
        } else {
            node = restart(node);
        }
        node.check();
    }

    /** Everyone tells everyone everything. */
    void exchangeAll() {
        for (int round = 0; round < 2; round++) {
            for (Node from : nodes) {
                for (Node to : nodes) {
                    to.take(to.state.merge(from.state.full()));
                    to.model.merge(from.model);
                }
            }
        }
    }

    private void change(Node node, Random random) {
        long owner = random.nextInt(4);
        List<Entry<String>> own = node.state.full().entries().stream()
                .filter(entry -> entry.replica().equals(node.id()))
                .toList();
        int what = random.nextInt(10);
        if (what < 5 || own.isEmpty()) {
            String topic = any(TOPICS, random);
            String key = any(KEYS, random);
            // At times so many that a key has more than a list is made for.
            int count = random.nextInt(8) == 0 ? Few.MOST : 1;
            for (int added = 0; added < count; added++) {
                Step<String> step = node.state.add(topic, key, owner, "meta " + random.nextInt());
                step.changes().joins().forEach(node.model::add);
                sendChange(node, step);
            }
        } else if (what < 7) {
            Entry<String> old = any(own, random);
            Step<String> step = node.state.replace(old, "meta " + random.nextInt());
            node.model.remove(old);
            node.model.add(step.changes().joins().getFirst());
            sendChange(node, step);
        } else if (what < 9) {
            List<Entry<String>> all = random.nextInt(4) == 0 ? node.state.full().entries() : own;
            List<Entry<String>> removed = new ArrayList<>();
            for (int count = random.nextInt(4); count >= 0; count--) {
                removed.add(any(all, random));
            }
            removed.forEach(node.model::remove);
            sendChange(node, node.state.remove(removed));
        } else {
            node.state.owned(owner).forEach(node.model::remove);
            sendChange(node, node.state.removeOwner(owner));
        }
    }

    private void mark(Node node, Random random) {
        ReplicaId other =
                past.isEmpty() || random.nextInt(4) > 0 ? any(nodes, random).id() : any(past, random);
        if (other.equals(node.id())) {
            return;
        }
        int what = random.nextInt(5);
        Step<String> step = what < 2 ? node.state.down(other) : what < 4 ? node.state.up(other) : node.state.end(other);
        if (what < 2) {
            node.model.down().add(other);
        } else if (what < 4) {
            node.model.down().remove(other);
        }
        if (what < 4) {
            node.model.knowing(other);
        } else {
            node.model.end(other);
        }
        send(
                node.take(step),
                what < 4 ? Model.nothing().knowing(other) : Model.nothing().end(other));
    }

    private Node restart(Node node) {
        var next = new Node(node.id().name(), node.id().life() + 1);
        past.add(node.id());
        nodes.set(nodes.indexOf(node), next);
        return next;
    }

    private void deliver(Node node, Random random) {
        if (sent.isEmpty()) {
            return;
        }
        // Rather one of the last, so that replicas are not always far apart.
        int back = random.nextInt(1 + random.nextInt(sent.size()));
        Message message = sent.get(sent.size() - 1 - back);
        node.take(node.state.merge(message.delta));
        node.model.merge(message.told);
    }

    private void sendChange(Node node, Step<String> step) {
        Model told = Model.nothing();
        step.changes().joins().forEach(told::add);
        // Of hidden replicas nobody sees a leave, but the delta has their dots.
        node.model.added().forEach((dot, entry) -> {
            if (step.delta().context().contains(dot) && node.model.removed().contains(dot)) {
                told.remove(entry);
            }
        });
        send(node.take(step), told);
    }

    private void send(Delta<String> delta, Model told) {
        if (!delta.isEmpty()) {
            sent.add(new Message(delta, told));
        }
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }
}
