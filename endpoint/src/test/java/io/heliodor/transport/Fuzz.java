package io.heliodor.transport;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Examples, good and hostile ones, changed in a few places: 200 000 of them, or {@code -Dheliodor.fuzz=10000000}. The
 * same seed gives the same input; a failure contains it, and {@code -Dheliodor.fuzz.seed} begins with it.
 */
public final class Fuzz {
    private static final long INPUTS = Long.getLong("heliodor.fuzz", 200_000);
    private static final long FIRST = Long.getLong("heliodor.fuzz.seed", 1);
    private static final int MAX_BYTES = 8 << 10;

    /** The time after which an input counts as hanging, also on a busy machine. */
    private static final long HANG_SECONDS = 60;

    private static final int[] BYTES = {
        0, 1, 5, 9, 0x1f, ' ', '"', '+', ',', '-', '.', '/', '0', '9', ':', '@', 'A', 'F', 'G', 'Z', '[', '\\', ']',
        '`', 'a', 'e', 'f', 'g', 'n', 'u', 'z', '{', '}', 0x7e, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4,
        0xff
    };
    private static final long[] NUMBERS = {
        0,
        1,
        125,
        126,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        1L << 62,
        1L << 63,
        -1
    };

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Checks the outcome of an input; throws if it is wrong. */
    @FunctionalInterface
    public interface Oracle {
        void judge(byte[] input, SplittableRandom random);
    }

    private final List<byte[]> corpus;
    private final long inputs;
    private volatile long seed;

    public Fuzz(List<byte[]> corpus) {
        this(corpus, 1);
    }

    /** With fewer inputs, by this factor, if each takes long. */
    public Fuzz(List<byte[]> corpus, int fewer) {
        this.corpus = corpus;
        this.inputs = INPUTS / fewer;
    }

    /** Checks one input after the other, on a thread that is watched. */
    public void run(Oracle oracle) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().name("fuzz").start(() -> {
            try {
                for (long next = FIRST; next < FIRST + inputs; next++) {
                    seed = next;
                    SplittableRandom random = new SplittableRandom(next);
                    oracle.judge(input(random), random);
                }
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        long last = 0;
        while (true) {
            try {
                done.get(HANG_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                if (seed == last) {
                    AssertionError hang = new AssertionError("hangs: " + description());
                    hang.setStackTrace(thread.getStackTrace());
                    throw hang;
                }
                last = seed;
            } catch (ExecutionException e) {
                throw new AssertionError(description(), e.getCause());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private String description() {
        byte[] input = input(new SplittableRandom(seed));
        return "seed " + seed + ", input " + HexFormat.of().formatHex(input);
    }

    /** Runs a task that may allocate so many bytes; a second time if it fails, since the first may load classes. */
    public static void allocating(long limit, Runnable decoding) {
        long allocated = allocated(decoding);
        if (allocated > limit) {
            allocated = allocated(decoding);
        }
        if (allocated > limit) {
            throw new AssertionError(allocated + " bytes were allocated, not " + limit + " or fewer");
        }
    }

    private static long allocated(Runnable decoding) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        decoding.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Now and then an example as it is, otherwise one changed in up to four places. */
    private byte[] input(SplittableRandom random) {
        byte[] input = any(random);
        for (int changes = random.nextInt(5); changes > 0; changes--) {
            input = changed(input, random);
        }
        return input.length > MAX_BYTES ? Arrays.copyOf(input, MAX_BYTES) : input;
    }

    private byte[] any(SplittableRandom random) {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] changed(byte[] input, SplittableRandom random) {
        int from = random.nextInt(input.length + 1);
        int to = from + random.nextInt(Math.min(input.length - from, random.nextInt(8) == 0 ? input.length : 8) + 1);
        return switch (random.nextInt(9)) {
            case 0 -> flipped(input, from, 1 << random.nextInt(8));
            case 1 -> joined(input, from, bytes(BYTES[random.nextInt(BYTES.length)]), Math.min(input.length, from + 1));
            case 2 -> joined(input, from, bytes(), to);
            case 3 -> Arrays.copyOf(input, from);
            case 4 -> joined(input, from, bytes(BYTES[random.nextInt(BYTES.length)]), from);
            case 5 -> joined(input, from, noise(random), from);
            case 6 -> spliced(input, from, any(random), random);
            case 7 ->
                joined(
                        input,
                        from,
                        repeated(input, from, to, 1 + random.nextInt(random.nextInt(20) == 0 ? 200 : 3)),
                        from);
            default -> numbered(input, from, random);
        };
    }

    private static byte[] flipped(byte[] input, int at, int bits) {
        byte[] next = input.clone();
        if (at < next.length) {
            next[at] ^= (byte) bits;
        }
        return next;
    }

    /** The bytes before a position, other bytes, and the bytes from another position on. */
    private static byte[] joined(byte[] input, int from, byte[] middle, int to) {
        ByteArrayOutputStream next = new ByteArrayOutputStream(input.length + middle.length);
        next.write(input, 0, from);
        next.writeBytes(middle);
        next.write(input, to, input.length - to);
        return next.toByteArray();
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] noise = new byte[1 + random.nextInt(8)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] spliced(byte[] input, int from, byte[] other, SplittableRandom random) {
        int at = random.nextInt(other.length + 1);
        return joined(input, from, Arrays.copyOfRange(other, at, other.length), input.length);
    }

    private static byte[] repeated(byte[] input, int from, int to, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times && all.size() < MAX_BYTES; i++) {
            all.write(input, from, to - from);
        }
        return all.toByteArray();
    }

    /** Overwrites bytes with a number, in the form of a length. */
    private static byte[] numbered(byte[] input, int from, SplittableRandom random) {
        long number = random.nextInt(3) == 0
                ? input.length - from + random.nextInt(3) - 1L
                : NUMBERS[random.nextInt(NUMBERS.length)];
        int size = 1 << random.nextInt(4);
        byte[] eight = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        byte[] middle = Arrays.copyOfRange(eight, Long.BYTES - size, Long.BYTES);
        return joined(input, from, middle, Math.min(input.length, from + size));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
