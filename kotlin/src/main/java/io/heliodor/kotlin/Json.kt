@file:JvmName("Json")

package io.heliodor.kotlin

import tools.jackson.databind.json.JsonMapper
import tools.jackson.module.kotlin.KotlinFeature
import tools.jackson.module.kotlin.KotlinModule

/**
 * A new mapper that reads and writes the classes of Kotlin: `Endpoint.builder().json(kotlinJson())`, and the same for the builder of
 * a `ChannelKit`.
 *
 * A property may be missing or null if its type is nullable, and missing if its parameter has a default value. An `object` is read as
 * its one instance. Modules and formats of the application are added to `kotlinJson().rebuild()`.
 */
public fun kotlinJson(): JsonMapper =
    JsonMapper.builder()
        .addModule(KotlinModule.Builder().enable(KotlinFeature.SingletonSupport).build())
        .build()
