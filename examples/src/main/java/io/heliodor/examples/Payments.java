package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Reason;

/** A payment that a client may repeat, and that is executed once. */
final class Payments {
    private Payments() {}

    // @start region=once
    record Pay(String key, long cents) {}

    record Receipt(String number) {}

    static final Call<Pay, Receipt, Reason> PAY =
            Call.of("pay", Pay.class, Receipt.class).once(Pay::key);
    // @end

    /** The bank. */
    interface Bank {
        /** Pays, and returns the number of the receipt. */
        String pay(long cents);
    }

    static Channel<Object, String> channel(Bank bank) {
        return Channel.join(join -> Join.ok(join.topic()))
                .answer(PAY, (pay, context) -> Reply.ok(new Receipt(bank.pay(pay.cents()))))
                .build();
    }
}
