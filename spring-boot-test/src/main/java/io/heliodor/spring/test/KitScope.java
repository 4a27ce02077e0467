package io.heliodor.spring.test;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.testkit.ChannelKit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.Scope;
import org.springframework.context.ApplicationContext;

/** The scope of one test method: its kit is made at the first use. */
final class KitScope implements Scope {
    static final String NAME = "heliodor-kit";

    @GuardedBy("this")
    private final Map<String, Object> kits = new HashMap<>();

    /** The scope of a context; null if it has none. */
    static @Nullable KitScope of(ApplicationContext context) {
        return context.getAutowireCapableBeanFactory() instanceof ConfigurableBeanFactory beans
                        && beans.getRegisteredScope(NAME) instanceof KitScope scope
                ? scope
                : null;
    }

    @Override
    public synchronized Object get(String name, ObjectFactory<?> factory) {
        Object kit = kits.get(name);
        if (kit == null) {
            kit = factory.getObject();
            kits.put(name, kit);
        }
        return kit;
    }

    @Override
    public synchronized @Nullable Object remove(String name) {
        return kits.remove(name);
    }

    /** The test closes its kit: a failure of that must reach it. */
    @Override
    public void registerDestructionCallback(String name, Runnable callback) {}

    @Override
    public @Nullable Object resolveContextualObject(String key) {
        return null;
    }

    @Override
    public @Nullable String getConversationId() {
        return null;
    }

    /** Closes the kit of a test. Returns whether there was one. */
    boolean end() {
        List<Object> ended;
        synchronized (this) {
            ended = List.copyOf(kits.values());
            kits.clear();
        }
        ended.forEach(kit -> ((ChannelKit) kit).close());
        return !ended.isEmpty();
    }
}
