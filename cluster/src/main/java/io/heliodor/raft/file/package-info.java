/** The storage of a voter: a directory with its ballot, its entries and its snapshot. */
package io.heliodor.raft.file;
