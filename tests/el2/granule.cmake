# SPDX-License-Identifier: BSD-2-Clause
#
# The rows of an image with larger pages: the same host and the same checks, but
# for the instructions of calls. cortex-a72 has no pages of 16 KiB; of 64 KiB a
# region has 512 MiB, so that there is RAM for some.
if(MOAT_GRANULE STREQUAL "16k")
	set(cpu neoverse-n1)
	set(ram 1G)
else()
	set(cpu cortex-a72)
	set(ram 4G)
endif()

moat_boot_test(one_cpu_${cpu} --cpu ${cpu} --ram ${ram} --twice)
moat_boot_test(one_cpu_max --cpu max --ram ${ram})
moat_boot_test(four_cpus_in_turn --cpu ${cpu} --cpus 4 --ram ${ram})
# Four threads that share two busy CPUs have taken 245 s with 64 KiB.
moat_boot_test(four_cpus_at_once --cpu ${cpu} --cpus 4 --ram ${ram} --threads
	--limit 500)
set_tests_properties(el2.four_cpus_at_once PROPERTIES TIMEOUT 900)
moat_watched_test(tables_change_by_the_rules --cpu ${cpu} --ram ${ram})
moat_watched_test(tables_change_by_the_rules_in_ranges --cpu max --ram ${ram})
moat_watched_test(tables_change_by_the_rules_of_four_cpus
	--cpu ${cpu} --cpus 4 --ram ${ram})

# Of QEMU's CPUs all have pages of 64 KiB.
if(MOAT_GRANULE STREQUAL "16k")
	add_test(NAME el2.granule_is_refused_where_there_is_none COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/refused
		${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/moat.img cortex-a72
		"this CPU has no stage 2 with pages of 16 KiB")
	set_tests_properties(el2.granule_is_refused_where_there_is_none
		PROPERTIES TIMEOUT 60)
endif()

add_test(NAME el2.mutants_are_killed COMMAND
	${CMAKE_CURRENT_SOURCE_DIR}/mutants --model ${MOAT_MODEL}
	--granule ${MOAT_GRANULE} --cpu ${cpu} --ram ${ram}
	--folder ${CMAKE_CURRENT_BINARY_DIR}/mutants)
set_tests_properties(el2.mutants_are_killed PROPERTIES TIMEOUT 900)
