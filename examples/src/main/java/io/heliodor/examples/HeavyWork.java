package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Reason;
import java.math.BigInteger;
import java.util.concurrent.ExecutorService;

/** A handler whose long computation runs in a pool of threads. */
final class HeavyWork {
    private HeavyWork() {}

    record Question(int bits) {}

    record Prime(String digits) {}

    static final Call<Question, Prime, Reason> PRIME = Call.of("prime", Question.class, Prime.class);

    static Channel<Object, String> channel(ExecutorService pool) {
        // @start region=pool
        return Channel.join(join -> Join.ok(join.topic()))
                .answer(PRIME, (question, room) -> {
                    Prime prime = pool.submit(() -> compute(question)).get();
                    return Reply.ok(prime);
                })
                .build();
        // @end
    }

    private static Prime compute(Question question) {
        return new Prime(BigInteger.TWO.pow(question.bits()).nextProbablePrime().toString());
    }
}
