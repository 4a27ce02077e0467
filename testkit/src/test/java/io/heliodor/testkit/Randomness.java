package io.heliodor.testkit;

import java.lang.reflect.Field;
import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The random numbers of this JVM from a seed: those of {@link ThreadLocalRandom}, of {@code SecureRandom}, and the
 * order of the elements of {@code Set.of}. What was created before the first call keeps its own.
 */
final class Randomness {
    private static final AtomicLong THREAD_LOCAL = threadLocalSeeder();
    private static SplittableRandom numbers =
            new SplittableRandom(0); // guarded by this class: other tests use it later

    /** Classes that draw a number once, which must not depend on the first test that uses them. */
    private static final List<String> WITH_SECRETS = List.of(
            "io.heliodor.presence.crdt.Trie", "io.heliodor.group.Groups", "io.heliodor.pubsub.Correlation$Source");

    static {
        int _ = Security.insertProviderAt(new Seeded(), 1);
        fixOrderOfSets();
        for (String name : WITH_SECRETS) {
            try {
                Class<?> _ = Class.forName(name);
            } catch (ClassNotFoundException e) {
                throw new LinkageError("a class that draws a number has another name", e);
            }
        }
    }

    private Randomness() {}

    /** Begins another sequence of numbers. */
    static synchronized void seed(long seed) {
        numbers = new SplittableRandom(seed);
        THREAD_LOCAL.set(seed);
    }

    private static synchronized void fill(byte[] bytes) {
        numbers.nextBytes(bytes);
    }

    private static final class Seeded extends Provider {
        private static final long serialVersionUID = 1;

        Seeded() {
            super("Seeded", "1", "numbers from a seed, for tests");
            put("SecureRandom.Seeded", Numbers.class.getName());
        }
    }

    /** The numbers of the present seed, for all instances. */
    public static final class Numbers extends SecureRandomSpi {
        private static final long serialVersionUID = 1;

        /** Called by the JDK. */
        public Numbers() {}

        @Override
        protected void engineSetSeed(byte[] seed) {}

        @Override
        protected void engineNextBytes(byte[] bytes) {
            fill(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] seed = new byte[count];
            fill(seed);
            return seed;
        }
    }

    private static AtomicLong threadLocalSeeder() {
        try {
            Field seeder = ThreadLocalRandom.class.getDeclaredField("seeder");
            seeder.setAccessible(true);
            return (AtomicLong) seeder.get(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the JDK has another form", e);
        }
    }

    /** The JDK draws it at its start, so that nothing depends on it. By reflection: the compiler warns of the class. */
    private static void fixOrderOfSets() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field only = type.getDeclaredField("theUnsafe");
            only.setAccessible(true);
            Object unsafe = only.get(null);
            Class<?> collections = Class.forName("java.util.ImmutableCollections");
            for (String name : List.of("SALT32L", "REVERSE")) {
                Field field = collections.getDeclaredField(name);
                Object base = type.getMethod("staticFieldBase", Field.class).invoke(unsafe, field);
                Object offset = type.getMethod("staticFieldOffset", Field.class).invoke(unsafe, field);
                if (name.equals("REVERSE")) {
                    type.getMethod("putBoolean", Object.class, long.class, boolean.class)
                            .invoke(unsafe, base, offset, false);
                } else {
                    type.getMethod("putLong", Object.class, long.class, long.class)
                            .invoke(unsafe, base, offset, 0x5EED_5EEDL);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the JDK has another form", e);
        }
    }
}
