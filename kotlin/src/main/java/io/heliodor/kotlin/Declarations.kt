@file:JvmName("Declarations")

package io.heliodor.kotlin

import io.heliodor.channel.InfoMessage
import io.heliodor.event.Call
import io.heliodor.event.Event
import io.heliodor.event.Reason
import io.heliodor.pubsub.Topic
import io.heliodor.type.Type

/**
 * The type [T] with its type arguments: `Presence.over(pubsub, type<Online>())`.
 *
 * @param T a type without type parameters of the calling function, unless they are reified
 */
public inline fun <reified T : Any> type(): Type<T> = object : Type<T>() {}

/**
 * An event with payloads of type [T]: `val SCORES = event<Map<String, Int>>("scores")`.
 *
 * @param name the name on the wire, as for [Event]
 * @throws IllegalArgumentException if the name or the type breaks the rules of [Event]
 */
public inline fun <reified T : Any> event(name: String): Event<T> = Event.of(name, type<T>())

/**
 * A call with requests of type [Q] and replies of type [R], whose errors are a [Reason]: `val BUY = call<Order, Receipt>("buy")`.
 *
 * @param name the name on the wire, as for [Event]
 * @throws IllegalArgumentException if the name breaks the rules of [Event]
 */
public inline fun <reified Q : Any, reified R : Any> call(name: String): Call<Q, R, Reason> =
    Call.of(name, type<Q>(), type<R>())

/**
 * A call with errors of type [E]: `val BUY = call<Order, Receipt, SoldOut>("buy")`.
 *
 * @param name the name on the wire, as for [Event]
 * @throws IllegalArgumentException if the name breaks the rules of [Event]
 */
@JvmName("callFailingWith")
public inline fun <reified Q : Any, reified R : Any, reified E : Any> call(name: String): Call<Q, R, E> =
    Call.of(name, type<Q>(), type<R>()).failingWith(type<E>())

/**
 * A topic of the application's pub/sub with messages of type [T]: `val CHANGED = topic<List<Order>>("orders")`.
 *
 * @param name the name, as for [Topic]
 * @throws IllegalArgumentException if the name breaks the rules of [Topic]
 */
public inline fun <reified T : Any> topic(name: String): Topic<T> = Topic.of(name, type<T>())

/**
 * A message of type [T] that server code sends to a channel: `val TICK = infoMessage<Tick>("tick")`.
 *
 * @param name the name, as for [InfoMessage]
 */
public inline fun <reified T : Any> infoMessage(name: String): InfoMessage<T> = InfoMessage.of(name, type<T>())
