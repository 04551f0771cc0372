#include "platform/store/folder_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "platform/store/store_testing.hpp"

namespace stateset::store {
namespace {

using namespace store_testing;

std::string refusal_of(const std::string& folder) {
    try {
        FolderLock lock(folder);
    } catch (const std::runtime_error& failure) {
        return failure.what();
    }
    return "none";
}

TEST(FolderLock, a_second_holder_is_refused_with_the_folder_and_the_process) {
    Folder folder;
    FolderLock first(folder.path());
    EXPECT_EQ(refusal_of(folder.path()), "cannot use the data folder " + folder.path() +
                                             ": process " + std::to_string(::getpid()) +
                                             " is using it");
}

TEST(FolderLock, another_process_is_refused_too) {
    Folder folder;
    FolderLock first(folder.path());
    auto child = ::fork();
    if (child == 0) ::_exit(refusal_of(folder.path()) == "none" ? 0 : 42);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(FolderLock, it_ends_with_its_holder) {
    Folder folder;
    {
        FolderLock first(folder.path());
    }
    EXPECT_EQ(refusal_of(folder.path()), "none");
    auto child = ::fork();
    if (child == 0) {
        new FolderLock(folder.path());  // never given back: the process ends with it
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(refusal_of(folder.path()), "none");
}

TEST(FolderLock, two_folders_do_not_disturb_each_other_and_an_absent_one_is_named) {
    Folder one, two;
    FolderLock first(one.path()), second(two.path());
    EXPECT_NE(refusal_of(one.path() + "/absent").find("/absent: No such file"), std::string::npos);
}

}  // namespace
}  // namespace stateset::store
