package org.listserv.members;

import java.io.Serializable;
import java.time.Instant;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;

/// A row of `list_role`.
@Entity(name = "RoleRow")
@Table(name = "list_role")
@IdClass(RoleRow.Key.class)
class RoleRow {
    record Key(long listId, String role, long addressId) implements Serializable {}

    @Id
    @Column(name = "list_id")
    long listId;

    @Id
    String role = "";

    @Id
    @Column(name = "address_id")
    long addressId;

    Instant since = Instant.EPOCH;
}
