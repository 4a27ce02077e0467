/** Shared documents of Yjs: their channel, and the store of their updates. */
package io.heliodor.document;
