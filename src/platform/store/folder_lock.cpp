#include "platform/store/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace stateset::store {
namespace {

std::string holder_of(int file) {
    char text[32];
    auto length = ::pread(file, text, sizeof text, 0);
    std::string pid(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    pid = pid.substr(0, pid.find('\n'));
    return pid.empty() ? "another process" : "process " + pid;
}

[[noreturn]] void fail(const std::string& folder, const std::string& reason) {
    throw std::runtime_error("cannot use the data folder " + folder + ": " + reason);
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) {
    auto path = folder + "/stateset.lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) fail(folder, std::generic_category().message(errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        auto reason = errno == EWOULDBLOCK ? holder_of(file_) + " is using it"
                                           : std::generic_category().message(errno);
        ::close(file_);
        fail(folder, reason);
    }
    auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file_, 0) != 0 ||
        ::pwrite(file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        auto reason = std::generic_category().message(errno);
        ::close(file_);
        fail(folder, reason);
    }
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace stateset::store
