package io.heliodor.examples;

import io.heliodor.channel.Answer;
import io.heliodor.channel.Call;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A call that is answered when another service has answered. */
final class LaterAnswers {
    record Quote(String symbol) {}

    record Price(long cents) {}

    static final Call<Quote, Price> QUOTE = Call.of("quote", Quote.class, Price.class);

    /** Another service; one of the two is called, on a thread of its own. */
    interface Exchange {
        void price(String symbol, LongConsumer known, Consumer<Throwable> failed);
    }

    private final Exchange exchange;

    LaterAnswers(Exchange exchange) {
        this.exchange = exchange;
    }

    // @start region=later
    Channel<Object, String> channel() {
        return Channel.join((Join<Object> join) -> Join.ok(join.topic()))
                .onLater(QUOTE, this::quote)
                .build();
    }

    private void quote(Quote quote, Context<String> room, Answer<Price> answer) {
        exchange.price(
                quote.symbol(),
                cents -> answer.give(Reply.ok(new Price(cents))),
                failure -> answer.give(Reply.error("unavailable")));
    }
    // @end
}
