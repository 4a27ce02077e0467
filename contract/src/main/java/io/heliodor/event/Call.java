package io.heliodor.event;

import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request of a client: its name on the wire, and the types of its payload, of its reply and of an error's payload. The handler
 * must reply.
 *
 * <p>Declared once as a constant, by the rule of an {@link Event}: a name, then the class of each payload.
 *
 * {@snippet lang="java" :
 * static final Call<Order, Receipt, Reason> BUY = Call.of("buy", Order.class, Receipt.class);
 * static final Call<Empty, Count, Reason> COUNT = Call.of("count", Empty.class, Count.class);
 * static final Call<Draft, Empty, Reason> SAVE = Call.of("save", Draft.class, Empty.class);
 * }
 *
 * @param name the name on the wire, as for an {@link Event}
 * @param request the type of the payload
 * @param reply the type of the reply
 * @param error the type of an error's payload: {@link Reason} unless another is given
 * @param key returns the key of a request, if the call is executed {@linkplain #once once}; empty otherwise
 * @param reasons the {@linkplain #refusing declared} reasons of its errors, for documents; empty if none are declared
 * @param <Q> the type of the payload
 * @param <R> the type of the reply
 * @param <E> the type of an error's payload
 */
public record Call<Q, R, E>(
        String name,
        Type<Q> request,
        Type<R> reply,
        Type<E> error,
        Optional<Function<? super Q, String>> key,
        List<String> reasons) {
    /**
     * Checks the name and the reasons.
     *
     * @throws IllegalArgumentException if the name breaks the rules of {@link Event}, or there are reasons and errors are not a
     *     {@link Reason}
     */
    public Call {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(key, "key");
        EventName.check(name);
        Objects.requireNonNull(reasons, "reasons");
        reasons = List.copyOf(reasons);
        if (!reasons.isEmpty() && error.type() != Reason.class) {
            throw new IllegalArgumentException("Call '" + name + "' has the reasons " + reasons + " and errors of "
                    + error + "; reasons are declared for errors that are a Reason.");
        }
    }

    /**
     * A call whose errors are a {@link Reason}.
     *
     * @param name the name on the wire
     * @param request the class of the payload
     * @param reply the class of the reply
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @return the call
     */
    public static <Q, R> Call<Q, R, Reason> of(String name, Class<Q> request, Class<R> reply) {
        return of(name, Type.of(request), Type.of(reply));
    }

    /**
     * The same with types that need not be classes.
     *
     * @param name the name on the wire
     * @param request the type of the payload
     * @param reply the type of the reply
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     * @return the call
     */
    public static <Q, R> Call<Q, R, Reason> of(String name, Type<Q> request, Type<R> reply) {
        return new Call<>(name, request, reply, Type.of(Reason.class), Optional.empty(), List.of());
    }

    /**
     * The same call with errors of another type: {@code Call.of("buy", Order.class, Receipt.class).failingWith(SoldOut.class)}.
     *
     * @param type the class of an error's payload: a record, or anything else that Jackson writes as a JSON object
     * @param <F> the type of an error's payload
     * @return the call
     * @throws IllegalArgumentException if reasons are declared, and the type is another one than {@link Reason}
     */
    public <F> Call<Q, R, F> failingWith(Class<F> type) {
        return failingWith(Type.of(type));
    }

    /**
     * The same call with errors of another type, which need not be a class.
     *
     * @param type the type of an error's payload
     * @param <F> the type of an error's payload
     * @return the call
     * @throws IllegalArgumentException if reasons are declared, and the type is another one than {@link Reason}
     */
    public <F> Call<Q, R, F> failingWith(Type<F> type) {
        return new Call<>(name, request, reply, type, key, reasons);
    }

    /**
     * The same call with the reasons of its errors, which documents and types of clients then list. It does not restrict the handler:
     * an error with another reason is sent as well.
     *
     * {@snippet lang="java" :
     * static final Call<Order, Receipt, Reason> BUY = Call.of("buy", Order.class, Receipt.class).refusing("sold_out", "too_late");
     * }
     *
     * @param reasons those of {@code Reply.error(reason)}
     * @return the call
     * @throws IllegalArgumentException if errors are not a {@link Reason}
     */
    public Call<Q, R, E> refusing(String... reasons) {
        Objects.requireNonNull(reasons, "reasons");
        return new Call<>(name, request, reply, error, key, Arrays.asList(reasons));
    }

    /**
     * The same call, executed once for each key: a client that repeats it, because its connection broke before the reply, gets the one
     * answer. The client chooses a random key for each call, and repeats it with the same payload.
     *
     * {@snippet lang="java" :
     * record Pay(String key, long cents) {}
     * static final Call<Pay, Receipt, Reason> PAY = Call.of("pay", Pay.class, Receipt.class).once(Pay::key);
     * }
     *
     * <p>Keys belong to the id of the connection, so the connect handler must give one. An answer is kept for 10 minutes, on two nodes if
     * there are as many. Within that time the call is executed at most once, unless both nodes end or a partition separates them. If the
     * executing node ends before its answer is copied, the answer to repeats is the error {@code unknown}.
     *
     * @param key returns the key of a request: 1 to 128 characters; a request with another one is refused as {@code invalid_payload}
     * @return the call
     */
    public Call<Q, R, E> once(Function<? super Q, String> key) {
        Objects.requireNonNull(key, "key");
        return new Call<>(name, request, reply, error, Optional.of(key), reasons);
    }

    /**
     * Whether the payload is bytes.
     *
     * @return whether the type of the request is {@link ByteBuffer}
     */
    public boolean isBinary() {
        return request.type() == ByteBuffer.class;
    }
}
