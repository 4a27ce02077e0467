@file:JvmName("Json")

package io.heliodor.kotlin

import com.fasterxml.jackson.annotation.JsonSetter
import com.fasterxml.jackson.annotation.Nulls
import java.lang.reflect.Constructor
import java.lang.reflect.Method
import kotlin.reflect.KClass
import kotlin.reflect.KType
import kotlin.reflect.full.primaryConstructor
import kotlin.reflect.full.valueParameters
import kotlin.reflect.jvm.kotlinFunction
import tools.jackson.databind.JacksonModule
import tools.jackson.databind.cfg.MapperConfig
import tools.jackson.databind.introspect.Annotated
import tools.jackson.databind.introspect.AnnotatedParameter
import tools.jackson.databind.introspect.NopAnnotationIntrospector
import tools.jackson.databind.json.JsonMapper
import tools.jackson.databind.module.SimpleModule
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
        .addModule(NullModule())
        .build()

/** Tells the mapper which parameters Kotlin keeps from null. Annotations of Jackson have priority. */
private class NullModule : SimpleModule("heliodor-kotlin-nulls") {
    override fun setupModule(context: JacksonModule.SetupContext) {
        super.setupModule(context)
        context.appendAnnotationIntrospector(NullRefusal())
    }

    private companion object {
        private const val serialVersionUID: Long = 1
    }
}

/**
 * Refuses null for a parameter of a type that is not nullable, also if it has a default value. The module of Jackson refuses it as well,
 * but when it calls the constructor: the property would be described as one that accepts null, and the refusal would read as that of a
 * missing one.
 */
private class NullRefusal : NopAnnotationIntrospector() {
    override fun findSetterInfo(config: MapperConfig<*>, annotated: Annotated): JsonSetter.Value {
        val type = (annotated as? AnnotatedParameter)?.let(::typeOf) ?: return JsonSetter.Value.empty()
        return if (refusesNull(type)) JsonSetter.Value.forValueNulls(Nulls.FAIL) else JsonSetter.Value.empty()
    }

    private fun typeOf(parameter: AnnotatedParameter): KType? {
        val creator = parameter.owner.annotated
        if (!parameter.declaringClass.isAnnotationPresent(Metadata::class.java)) {
            return null
        }
        val function = when (creator) {
            is Constructor<*> -> creator.kotlinFunction ?: marked(creator)?.kotlinFunction
            is Method -> creator.kotlinFunction
            else -> null
        }
        return function?.valueParameters?.getOrNull(parameter.index)?.type
    }

    /** Kotlin knows a constructor with parameters of value classes by the synthetic one that has a marker, too. */
    private fun marked(creator: Constructor<*>): Constructor<*>? =
        creator.declaringClass.declaredConstructors.firstOrNull {
            it.isSynthetic && it.parameterTypes.dropLast(1) == creator.parameterTypes.toList()
        }

    /** An Optional, and a value class of a nullable value, are read from null. The argument of a type parameter may be nullable. */
    private fun refusesNull(type: KType): Boolean {
        val read = type.classifier as? KClass<*> ?: return false
        return !type.isMarkedNullable &&
            !read.java.name.startsWith("java.util.Optional") &&
            (!read.isValue || read.primaryConstructor?.valueParameters?.single()?.type?.let(::refusesNull) ?: false)
    }

    private companion object {
        private const val serialVersionUID: Long = 1
    }
}
