# The formula of a Homebrew tap: Formula/vmaf-rs.rb there.
#
# A maintainer fills in at each release:
# - `homepage`, once: the address of the project.
# - `url`: the address of the source archive that the release publishes, vmaf-rs-VERSION.tar.gz.
# - `sha256`: its digest, from SHA256SUMS of the release.
# Bottles are the tap's own: `brew test-bot` adds them.
#
# The name is not that of homebrew-core's libvmaf, which installs a command vmaf too. FFmpeg's formula
# depends on libvmaf, so that both are usually there: this one is not linked to the prefix.
class VmafRs < Formula
  desc "Perceptual video quality with the scores of VMAF"
  homepage "https://vmaf-rs.invalid/"
  url "https://vmaf-rs.invalid/releases/vmaf-rs-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license all_of: [any_of: ["MIT", "Apache-2.0"], all_of: ["BSD-2-Clause-Patent"]]

  keg_only "libvmaf, which ffmpeg depends on, installs a vmaf command too"

  depends_on "rust" => :build
  # The program decodes. Its libraries are not linked, so that an upgrade of FFmpeg breaks nothing.
  depends_on "ffmpeg"

  def install
    system "cargo", "install", "--no-default-features", *std_cargo_args(path: "vmaf-cli")
    generate_completions_from_executable(bin/"vmaf", "completions")
    system bin/"vmaf", "man", "--out", man1
  end

  test do
    %w[reference encode].zip(%w[20 35]).each do |name, crf|
      system Formula["ffmpeg"].opt_bin/"ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1",
             "-c:v", "libx264", "-crf", crf, testpath/"#{name}.mp4"
    end
    system bin/"vmaf", "score", testpath/"reference.mp4", testpath/"encode.mp4", "-o", testpath/"scores.csv"
    assert_equal 26, (testpath/"scores.csv").read.lines.size
  end
end
