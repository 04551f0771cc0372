#include "cli/client/profile.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/client/failure.hpp"
#include "cli/client/tree.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::string_view suffix = ".json";

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

[[noreturn]] void cannot(const std::string& what, const std::string& path) {
    throw Failure(exits::usage, "cannot " + what + " " + path + ": " + std::strerror(errno));
}

// A profile's name becomes a file's.
void check_name(const std::string& name) {
    constexpr std::string_view known =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (name.empty() || name.size() > 64 || name.find_first_not_of(known) != name.npos) {
        throw Failure(exits::usage,
                      "a profile is named with letters, digits, - and _, not \"" + name + "\"");
    }
}

// Refuses what others than the user could read or change.
void check_private(int descriptor, const std::string& path, const char* mend) {
    struct stat found{};
    if (fstat(descriptor, &found) != 0) cannot("look at", path);
    if (found.st_uid != geteuid()) {
        throw Failure(exits::usage, path + " belongs to somebody else; it is not used");
    }
    if ((found.st_mode & 077) != 0) {
        throw Failure(exits::usage, path +
                                        " can be read or changed by others, and holds secrets; "
                                        "it is not used. Mend it with: chmod " +
                                        mend + " " + path);
    }
}

std::string content(int descriptor) {
    std::string text;
    char piece[4096];
    ssize_t got = 0;
    while ((got = ::read(descriptor, piece, sizeof piece)) > 0) {
        text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
}

void write_private(const std::string& path, const std::string& text) {
    auto part = path + ".part." + std::to_string(getpid());
    {
        Descriptor file(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.get() < 0) cannot("write", part);
        fchmod(file.get(), 0600);
        auto size = static_cast<ssize_t>(text.size());
        if (::write(file.get(), text.data(), text.size()) != size || fsync(file.get()) != 0) {
            cannot("write", part);
        }
    }
    if (rename(part.c_str(), path.c_str()) != 0) cannot("write", path);
}

}  // namespace

Profiles::Profiles() {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    const char* home = std::getenv("HOME");
    if (config != nullptr && *config == '/') {
        folder_ = std::string(config) + "/stateset";
    } else if (home != nullptr && *home == '/') {
        folder_ = std::string(home) + "/.config/stateset";
    } else {
        throw Failure(exits::usage,
                      "there is no folder for profiles: neither XDG_CONFIG_HOME nor HOME is set; "
                      "STATESET_SERVER and STATESET_API_KEY do without");
    }
}

std::string Profiles::file_of(const std::string& name) const {
    check_name(name);
    return folder_ + "/profiles/" + name + std::string(suffix);
}

void Profiles::make_folder() const {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(folder_).parent_path(), error);
    for (const auto& folder : {folder_, folder_ + "/profiles"}) {
        if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) cannot("make", folder);
        Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (opened.get() < 0) cannot("open", folder);
        check_private(opened.get(), folder, "700");
    }
}

std::optional<Profile> Profiles::read(const std::string& name) const {
    auto path = file_of(name);
    Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0 && errno == ENOENT) return std::nullopt;
    if (file.get() < 0) cannot("read", path);
    check_private(file.get(), path, "600");
    make_folder();  // which others could not have made
    Tree tree;
    try {
        tree = Tree::parse(content(file.get()));
    } catch (const Failure& fault) {
        throw Failure(exits::usage, path + " " + fault.what() + "; sign in again");
    }
    Profile profile{.name = name,
                    .server = tree["server"].word,
                    .email = tree["email"].word,
                    .api_key = tree["api_key"].word,
                    .access_token = tree["access_token"].word,
                    .refresh_token = tree["refresh_token"].word};
    if (tree["expires_at"].is(Tree::Kind::number)) {
        profile.expires_at = std::stoll(tree["expires_at"].word);
    }
    return profile;
}

void Profiles::write(const Profile& profile) const {
    make_folder();
    auto tree = Tree::object();
    auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) tree.member(name) = Tree::text(value);
    };
    add("server", profile.server);
    add("email", profile.email);
    add("api_key", profile.api_key);
    add("access_token", profile.access_token);
    add("refresh_token", profile.refresh_token);
    if (profile.expires_at != 0) {
        tree.member("expires_at") = Tree::number(std::to_string(profile.expires_at));
    }
    write_private(file_of(profile.name), tree.indented() + "\n");
}

bool Profiles::remove(const std::string& name) const {
    auto path = file_of(name);
    unlink((path + ".lock").c_str());
    return unlink(path.c_str()) == 0;
}

std::vector<std::string> Profiles::names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/profiles", error)) {
        auto name = entry.path().filename().string();
        if (name.ends_with(suffix)) names.push_back(name.substr(0, name.size() - suffix.size()));
    }
    std::ranges::sort(names);
    return names;
}

std::string Profiles::current() const {
    Descriptor file(open((folder_ + "/current").c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return "default";
    auto name = content(file.get());
    while (!name.empty() && name.back() == '\n') name.pop_back();
    return name.empty() ? "default" : name;
}

void Profiles::make_current(const std::string& name) const {
    check_name(name);
    make_folder();
    write_private(folder_ + "/current", name + "\n");
}

void Profiles::alone(const std::string& name, const std::function<void()>& work) const {
    make_folder();
    auto path = file_of(name) + ".lock";
    Descriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.get() < 0) cannot("lock", path);
    while (flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR) cannot("lock", path);
    }
    work();
}

}  // namespace stateset::cli::client
