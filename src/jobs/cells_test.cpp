#include "jobs/cells.hpp"

#include <gtest/gtest.h>

#include "platform/json/writer.hpp"

namespace stateset::jobs {
namespace {

struct Place {
    Text<10> city;
    std::optional<Text<2>> country;
};
struct Thing {
    Text<10> sku;
    std::optional<Int<0, 9>> count;
    std::optional<bool> ready;
    Amount price;
    std::optional<Place> place;
    Metadata metadata;
    std::vector<Text<10>> tags;
    List<Place, 0, 9> others;
};

const CellColumns columns = columns_of<Thing>();

TEST(Cells, have_columns_that_follow_from_the_struct) {
    std::string names;
    for (const auto& column : columns) names += column.name + " ";
    EXPECT_EQ(names, "sku count ready price place.city place.country metadata tags others ");
}

TEST(Cells, say_what_an_object_says) {
    const std::vector<std::string> header{"sku",        "count", "ready",           "price",
                                          "place.city", "tags",  "metadata.colour", "others"};
    struct Case {
        std::vector<std::string> cells;
        std::string object;
    };
    const Case cases[] = {
        {{"A", "", "", "", "", "", "", ""}, R"({"sku":"A"})"},
        {{"A", "3", "true", "1.5", "Bath", "x|y", "red", R"([{"city":"B"}])"},
         R"({"count":3,"metadata":{"colour":"red"},"others":[{"city":"B"}],)"
         R"("place":{"city":"Bath"},"price":"1.5","ready":true,"sku":"A","tags":["x","y"]})"},
        {{"A", "three", "yes", "", "", "[\"x|y\"]", "", "[broken"},
         R"({"count":"three","others":"[broken","ready":"yes","sku":"A","tags":["x|y"]})"},
        {{"'=A", "03", "", "", "", "", "", ""}, R"({"count":"03","sku":"=A"})"},
    };
    for (const auto& [cells, object] : cases) EXPECT_EQ(object_of(header, cells, columns), object);
}

TEST(Cells, come_back_as_they_were) {
    const std::string object =
        R"({"count":3,"metadata":{"a":"b"},"others":[{"city":"B"}],"place":{"city":"Bath"},)"
        R"("price":"1.5","ready":false,"sku":"A","tags":["x","y"]})";
    std::vector<std::string> header;
    for (const auto& column : columns) header.push_back(column.name);
    EXPECT_EQ(object_of(header, cells_of(object, columns), columns), object);
}

TEST(Cells, need_a_header_of_known_names_each_once) {
    EXPECT_EQ(wrong_with({"sku", "metadata.x"}, columns, false), "");
    EXPECT_EQ(wrong_with({"sku", "sku"}, columns, true), "the column `sku` is there twice");
    EXPECT_EQ(wrong_with({"prize"}, columns, false),
              "the column `prize` is unknown; is it `price`?");
    EXPECT_EQ(wrong_with({"prize"}, columns, true), "");
}

TEST(Cells, are_found_by_the_pointer_of_a_fault) {
    const std::vector<std::string> header{"sku", "place.city", "others"};
    EXPECT_EQ(header_at("/sku", header), "sku");
    EXPECT_EQ(header_at("/place/city", header), "place.city");
    EXPECT_EQ(header_at("/others/0/city", header), "others");
    EXPECT_EQ(header_at("/none", header), "");
    EXPECT_EQ(header_at("", header), "");
}

}  // namespace
}  // namespace stateset::jobs
