package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.Entity;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class MappingTest {

    @Test
    void every_entity_there_is_is_mapped() {
        var entities = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.listserv")
                .stream().filter(type -> type.isAnnotatedWith(Entity.class)).map(type -> type.getName());
        assertThat(entities).isNotEmpty().containsExactlyInAnyOrderElementsOf(Mapping.ENTITIES);
    }

    /// One story, since each chapter needs the schema and leaves it changed.
    @Test
    void the_schema_has_what_the_entities_need_and_may_have_more_and_what_is_missing_is_named() {
        try (var test = TestDatabase.fresh()) {
            var database = test.database();
            database.checkMapping();

            test.sql("alter table list add column from_the_next_version text not null default ''");
            database.checkMapping();

            test.sql("alter table list rename column hold_hours to held_hours");
            assertThatThrownBy(database::checkMapping)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("[hold_hours] in table [list]")
                    .hasMessageContaining("listserv migrate");
        }
    }

    @Test
    void without_a_database_the_check_says_so() {
        try (var test = TestDatabase.empty(); var wire = new Wire(test.settings()); var away = Database.open(wire.settings())) {
            wire.cut();
            assertThatThrownBy(away::checkMapping).isInstanceOf(DatabaseUnavailable.class);
        }
    }
}
