package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Reason;
import java.util.concurrent.CompletionStage;

/** A call with a deferred reply: another service answers first. */
final class LaterAnswers {
    record Quote(String symbol) {}

    record Price(long cents) {}

    static final Call<Quote, Price, Reason> QUOTE = Call.of("quote", Quote.class, Price.class);

    /** Another service. */
    interface Exchange {
        CompletionStage<Price> price(String symbol);
    }

    private final Exchange exchange;

    LaterAnswers(Exchange exchange) {
        this.exchange = exchange;
    }

    // @start region=later
    Channel<Object, String> channel() {
        return Channel.join(join -> Join.ok(join.topic()))
                .answerLater(QUOTE, (quote, context, reply) -> reply.sendWhenComplete(price(quote.symbol())))
                .build();
    }

    private CompletionStage<Reply<Price, Reason>> price(String symbol) {
        return exchange.price(symbol)
                .<Reply<Price, Reason>>thenApply(Reply::ok)
                .exceptionally(failure -> Reply.error("unavailable"));
    }
    // @end
}
