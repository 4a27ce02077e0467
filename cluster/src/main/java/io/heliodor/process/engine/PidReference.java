package io.heliodor.process.engine;

import io.heliodor.codec.Reference;
import io.heliodor.process.Pid;
import java.lang.reflect.Type;

/** Encodes pids inside messages. */
record PidReference(ProcessNode node) implements Reference<Pid<?>> {
    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // a class has no type argument
    public Class<Pid<?>> type() {
        return (Class) Pid.class;
    }

    /** A {@code Pid<?>} is allowed: it can be monitored. */
    @Override
    public boolean needsArgument() {
        return false;
    }

    @Override
    public String write(Pid<?> value, Type argument) {
        return NodePid.of(value).id().text();
    }

    @Override
    public Pid<?> read(String text, Type argument) {
        ProcessId id = ProcessId.of(text);
        return argument == Object.class
                ? new NodePid<>(node, id, null)
                : new NodePid<>(node, id, node.codecs().any(argument));
    }
}
